import Accounts
import ArgumentParser
import CloudLink
import DeviceSimulator
import Glibc
import LabCloud
import LocalAPI
import StationData

/// The exit codes of sysexits.h that the agent uses (contract 7).
enum AgentExit {
    static let failure = ExitCode(1)
    static let configuration = ExitCode(78)
    static let inputOutput = ExitCode(74)
    static let tryAgain = ExitCode(75)

    /// Says what is wrong on standard error and gives the code to end with.
    static func because(_ error: any Error, _ code: ExitCode) -> ExitCode {
        self.say("station-agent: \(error)")
        return code
    }

    /// Writes a line to standard error, for people beside output that is for programs.
    static func say(_ line: String) {
        let text = Array("\(line)\n".utf8)
        // Standard error that cannot be written to leaves the exit code to tell.
        _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Runs the work of a command and turns its known errors into a message and an exit code.
    static func translating(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as DeviceTypeFiles.Fault {
            throw self.because(error, self.configuration)
        } catch let error as TLSFiles.Fault {
            throw self.because(error, self.configuration)
        } catch let error as StorageError {
            throw self.because(error, self.code(for: error))
        } catch let error as StoreError {
            throw self.because(error, self.code(for: error))
        } catch let error as AccountError {
            throw self.because(error, self.failure)
        } catch let error as PasswordPrompt.Fault {
            throw self.because(error, self.failure)
        } catch let error as BackupError {
            throw self.because(error, self.code(for: error))
        } catch let error as LocalAPIError {
            throw self.because(error, self.inputOutput)
        } catch let error as FleetError {
            throw self.because(error, self.failure)
        } catch let error as ProxySetting.Fault {
            throw self.because(error, self.configuration)
        } catch let error as LabError {
            throw self.because(error, self.failure)
        }
    }

    private static func code(for error: StorageError) -> ExitCode {
        switch error.kind {
        case .inputOutput, .damaged: self.inputOutput
        case .inUse: self.tryAgain
        }
    }

    private static func code(for error: BackupError) -> ExitCode {
        switch error {
        case .busy: self.tryAgain
        case .storeDamaged, .unwritable, .unusable, .newer: self.inputOutput
        }
    }

    private static func code(for error: StoreError) -> ExitCode {
        switch error {
        case .unavailable: self.tryAgain
        case .newerSchema, .disk: self.inputOutput
        case .deviceNotFound, .notFound, .forbidden, .conflict, .invalid, .account: self.failure
        }
    }

    /// Output to a pipe is kept back by the C library until somebody asks for it.
    static func flushOutput() {
        fflush(nil)
    }
}
