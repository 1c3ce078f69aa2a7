private import CZxcvbn
private import GatehouseEncoding

/// How easily a password is guessed, as zxcvbn estimates it.
enum PasswordStrength {
    /// Bits below which a password is refused: about 10⁸ guesses, zxcvbn's "somewhat guessable".
    private static let leastBits = 26.6
    /// The estimate takes time that grows with length; what comes after only adds to the guesses.
    private static let judgedBytes = 100

    /// What makes the password easy to guess; nil if it is not.
    static func weakness(of password: String, context: [String]) -> PasswordRefusal? {
        let judged = Array(password.utf8.prefix(judgedBytes)).map { CChar(bitPattern: $0) } + [0]
        let words = words(of: context)
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        var storage: [UnsafeMutablePointer<CChar>] = unsafe []
        defer { unsafe storage.forEach { unsafe $0.deallocate() } }
        for word in words {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: word.utf8.count + 1)
            for (index, byte) in word.utf8.enumerated() {
                unsafe copy[index] = CChar(bitPattern: byte)
            }
            unsafe copy[word.utf8.count] = 0
            unsafe storage.append(copy)
            unsafe pointers.append(UnsafePointer(copy))
        }
        unsafe pointers.append(nil)
        var matches: UnsafeMutablePointer<ZxcMatch_t>?
        let bits = unsafe ZxcvbnMatch(judged, &pointers, &matches)
        defer { unsafe ZxcvbnFreeInfo(matches) }
        return bits < leastBits ? unsafe reason(matches) : nil
    }

    /// Names and addresses taken apart into words; zxcvbn finds them in any case.
    ///
    /// A few words are enough, and whoever sends a book pays for it alone.
    private static func words(of context: [String]) -> [String] {
        context.flatMap { text -> [String] in
            let lowercased = String(text.unicodeScalars.prefix(100)).lowercased()
            return lowercased.split { !$0.isLetter && !$0.isNumber }.map(String.init)
                .filter { $0.utf8.count >= 3 } + [lowercased]
        }
    }

    /// The kind of pattern that covers most of the password.
    private static func reason(_ matches: UnsafeMutablePointer<ZxcMatch_t>?) -> PasswordRefusal {
        var longest: Int32 = 0
        var reason = PasswordRefusal.guessable
        var next = unsafe matches
        while let match = unsafe next {
            if unsafe match.pointee.Length > longest {
                longest = unsafe match.pointee.Length
                reason = refusal(UInt32(unsafe match.pointee.`Type`.rawValue))
            }
            unsafe next = match.pointee.Next
        }
        return reason
    }

    private static func refusal(_ type: UInt32) -> PasswordRefusal {
        switch type & ~MULTIPLE_MATCH.rawValue {
        case DICTIONARY_MATCH.rawValue, DICT_LEET_MATCH.rawValue: .common
        case USER_MATCH.rawValue, USER_LEET_MATCH.rawValue: .personal
        case REPEATS_MATCH.rawValue: .repeated
        case SEQUENCE_MATCH.rawValue: .sequence
        case SPATIAL_MATCH.rawValue: .keyboard
        case DATE_MATCH.rawValue, YEAR_MATCH.rawValue: .date
        default: .guessable
        }
    }
}
