/// A statement and its arguments: one text for every dialect.
///
/// Only a literal in the source can become SQL: the interpolation takes `StaticString` literals,
/// and everything put between them is sent as an argument. A `String` from a request has no way
/// to become part of the statement's text.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Fragment: Sendable {
        case text(StaticString)
        case argument(SQLValue)
        case type(ColumnType)
    }

    let fragments: [Fragment]

    package init(stringLiteral value: StaticString) {
        fragments = [.text(value)]
    }

    package init(stringInterpolation: StringInterpolation) {
        fragments = stringInterpolation.fragments
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var fragments: [Fragment] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            fragments.reserveCapacity(interpolationCount * 2 + 1)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            fragments.append(.text(literal))
        }

        /// An argument, sent beside the statement and never inside it.
        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            fragments.append(.argument(value.sqlValue))
        }

        /// An argument that may be null.
        ///
        /// Without this overload the compiler takes an optional in a literal for a mistake.
        package mutating func appendInterpolation(_ value: (some SQLConvertible)?) {
            fragments.append(.argument(value.sqlValue))
        }

        /// The name of a column type, spelt as the dialect has it.
        package mutating func appendInterpolation(type: ColumnType) {
            fragments.append(.type(type))
        }

        /// A part shared between statements, such as a list of columns.
        package mutating func appendInterpolation(_ sql: SQL) {
            fragments += sql.fragments
        }
    }

    /// True if a text among the arguments holds a NUL character.
    var hasNUL: Bool {
        fragments.contains { fragment in
            guard case .argument(.text(let text)) = fragment else { return false }
            return text.utf8.contains(0)
        }
    }

    /// The statement's text and arguments as the dialect wants them.
    package func rendered(for dialect: Dialect) -> (text: String, arguments: [SQLValue]) {
        var text = ""
        var arguments: [SQLValue] = []
        text.reserveCapacity(256)
        for fragment in fragments {
            switch fragment {
            case .text(let literal):
                literal.withUTF8Buffer { unsafe text += String(decoding: $0, as: UTF8.self) }
            case .argument(let value):
                arguments.append(value)
                text += dialect.placeholder
                text += String(arguments.count)
            case .type(let type):
                text += dialect.name(of: type)
            }
        }
        return (text, arguments)
    }
}
