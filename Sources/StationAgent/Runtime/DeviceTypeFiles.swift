import FoundationEssentials
import StationCore

/// The operator's own device types: `*.json` in a directory, one type each (contract 1, "Device type registry").
struct DeviceTypeFiles {
    static let defaultDirectory = "/etc/station-agent/device-types.d"
    private static let maximumSize = 65_536

    /// What is wrong with a file, named so that it can be mended.
    struct Fault: Error, Hashable, CustomStringConvertible {
        let path: String
        let message: String

        var description: String { "\(self.path): \(self.message)" }
    }

    let directory: String

    /// The built-in types and those of the directory; a directory that is not there holds none.
    ///
    /// - Throws: `Fault` for the first file, in the order of names, that does not describe a type.
    func load() throws(Fault) -> DeviceTypeRegistry {
        guard FileManager.default.fileExists(atPath: self.directory) else { return DeviceTypeRegistry() }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.directory).sorted()
        } catch {
            throw Fault(path: self.directory, message: "cannot be listed: \(error)")
        }
        var types = DeviceType.builtIn
        for name in names where name.hasSuffix(".json") && !name.hasPrefix(".") {
            types.append(try Self.type(at: "\(self.directory)/\(name)"))
        }
        return DeviceTypeRegistry(types)
    }

    private static func type(at path: String) throws(Fault) -> DeviceType {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            guard data.count <= Self.maximumSize else {
                throw Fault(path: path, message: "is larger than \(Self.maximumSize) bytes")
            }
            return try DeviceType(json: JSONValue.parse(Array(data)))
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(path: path, message: "\(error)")
        }
    }
}
