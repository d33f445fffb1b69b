extension ConfigurationCatalogue {
    static func row(at path: String) -> ConfigurationRow? {
        self.rowsByPath[path]
    }

    /// Whether a path is that of a section: `http` and `http.tls`.
    static func isSection(_ path: String) -> Bool {
        self.sections.contains(path)
    }

    /// The keys and sections directly in a section, for messages.
    static func members(of section: String) -> [String] {
        let depth = section.split(separator: ".").count
        var members: [String] = []
        for row in self.rows where row.path.hasPrefix(section + ".") {
            let member = row.components[depth]
            if !members.contains(member) { members.append(member) }
        }
        return members
    }

    /// The known key that an unknown one most likely stands for: a setting, or a section for what holds other keys.
    ///
    /// The name of an environment variable leads to its key. A right name in a wrong section is a smaller fault than
    /// another name in the right one.
    static func nearest(to path: String, isSection: Bool) -> String {
        let lowered = path.lowercased()
        if !isSection, let row = self.rows.first(where: { $0.environmentName.lowercased() == lowered }) {
            return row.path
        }
        let candidates = isSection ? self.sections : self.rows.map(\.path)
        func distance(to candidate: String) -> Int {
            let candidate = candidate.lowercased()
            let last = self.distance(between: self.lastName(of: lowered), and: self.lastName(of: candidate))
            let isNeighbour =
                lowered.dropLast(self.lastName(of: lowered).count)
                == candidate.dropLast(self.lastName(of: candidate).count)
            return min(EditDistance.between(lowered, candidate), isNeighbour ? last : last + 1)
        }
        // The order of the table decides between equals, so that a message is the same each time.
        return candidates.min { distance(to: $0) < distance(to: $1) } ?? path
    }

    /// A name cut short, or with something added, is one step away.
    private static func distance(between one: Substring, and other: Substring) -> Int {
        let distance = EditDistance.between(one, other)
        return one.hasPrefix(other) || other.hasPrefix(one) ? min(distance, 1) : distance
    }

    private static func lastName(of path: String) -> Substring {
        path.split(separator: ".").last ?? ""
    }

    private static let rowsByPath = Dictionary(uniqueKeysWithValues: rows.map { ($0.path, $0) })

    private static let sections: [String] = {
        var sections: [String] = []
        for row in rows {
            let components = row.components
            for length in 1..<components.count {
                let section = components.prefix(length).joined(separator: ".")
                if !sections.contains(section) { sections.append(section) }
            }
        }
        return sections
    }()
}
