/// A length of time in words.
package enum Wait {
    /// The seconds as a person would say them, rounded up: "10 seconds", "a minute", "2 hours".
    package static func words(_ seconds: Int) -> String {
        let minutes = (seconds + 59) / 60
        let hours = (minutes + 59) / 60
        return switch seconds {
        case ...1: "a second"
        case ..<50: "\((seconds + 4) / 5 * 5) seconds"
        case ...60: "a minute"
        case ..<3000: "\(minutes) minutes"
        case ...3600: "an hour"
        default: "\(hours) hours"
        }
    }
}
