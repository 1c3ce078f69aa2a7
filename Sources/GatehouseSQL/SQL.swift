/// A statement and its arguments: one text for every dialect.
///
/// Only a literal in the source can become SQL: the interpolation takes `StaticString` literals,
/// and everything put between them is sent as an argument. A `String` from a request has no way
/// to become part of the statement's text.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Fragment: Sendable {
        case text(StaticString)
        case argument
        case type(ColumnType)
        case number(TransactionNumber)
    }

    let fragments: [Fragment]
    /// What stands in the places between the literals, in their order.
    package let arguments: [SQLValue]

    package init(stringLiteral value: StaticString) {
        fragments = [.text(value)]
        arguments = []
    }

    package init(stringInterpolation: StringInterpolation) {
        fragments = stringInterpolation.fragments
        arguments = stringInterpolation.arguments
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var fragments: [Fragment] = []
        var arguments: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            fragments.reserveCapacity(interpolationCount * 2 + 1)
            arguments.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            fragments.append(.text(literal))
        }

        /// An argument, sent beside the statement and never inside it.
        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            append(value.sqlValue)
        }

        /// An argument that may be null.
        ///
        /// Without this overload the compiler takes an optional in a literal for a mistake.
        package mutating func appendInterpolation(_ value: (some SQLConvertible)?) {
            append(value.sqlValue)
        }

        private mutating func append(_ value: SQLValue) {
            fragments.append(.argument)
            arguments.append(value)
        }

        /// The name of a column type, spelt as the dialect has it.
        package mutating func appendInterpolation(type: ColumnType) {
            fragments.append(.type(type))
        }

        /// The number of a transaction, spelt as the dialect has it.
        package mutating func appendInterpolation(number: TransactionNumber) {
            fragments.append(.number(number))
        }

        /// A part shared between statements, such as a list of columns.
        package mutating func appendInterpolation(_ sql: SQL) {
            fragments += sql.fragments
            arguments += sql.arguments
        }
    }

    /// What tells this statement from others, whatever its arguments.
    package var key: StatementKey { StatementKey(fragments) }

    /// True if a text among the arguments holds a NUL character.
    var hasNUL: Bool {
        arguments.contains { argument in
            guard case .text(var text) = argument else { return false }
            return text.withUTF8 { unsafe $0.contains(0) }
        }
    }

    /// The statement's text as the dialect wants it.
    package func text(for dialect: Dialect) -> String {
        var text = ""
        var count = 0
        text.reserveCapacity(256)
        for fragment in fragments {
            switch fragment {
            case .text(let literal):
                literal.withUTF8Buffer { unsafe text += String(decoding: $0, as: UTF8.self) }
            case .argument:
                count += 1
                text += dialect.placeholder
                text += String(count)
            case .type(let type):
                text += dialect.name(of: type)
            case .number(let number):
                text += dialect.expression(of: number)
            }
        }
        return text
    }
}

/// What a driver finds a prepared statement by: the literals it is made of, by their addresses.
///
/// A literal stands at one address for as long as the process lives, so comparing a handful of
/// addresses is enough, and no text is put together for a statement that is known.
package struct StatementKey: Hashable, Sendable {
    private let fragments: [SQL.Fragment]

    fileprivate init(_ fragments: [SQL.Fragment]) {
        self.fragments = fragments
    }

    package static func == (one: StatementKey, other: StatementKey) -> Bool {
        one.fragments.count == other.fragments.count
            && zip(one.fragments, other.fragments).allSatisfy { $0.identity == $1.identity }
    }

    package func hash(into hasher: inout Hasher) {
        for fragment in fragments { hasher.combine(fragment.identity) }
    }
}

extension SQL.Fragment {
    /// What makes a fragment the same as another one.
    fileprivate struct Identity: Hashable {
        /// 0 for a literal by its address, 1 for one of a single character, and so on.
        let kind: UInt8
        let value: UInt
    }

    fileprivate var identity: Identity {
        switch self {
        case .text(let literal) where literal.hasPointerRepresentation:
            Identity(kind: 0, value: unsafe UInt(bitPattern: literal.utf8Start))
        case .text(let literal): Identity(kind: 1, value: UInt(literal.unicodeScalar.value))
        case .argument: Identity(kind: 2, value: 0)
        case .type(let type): Identity(kind: 3, value: type.rawValue)
        case .number(let number): Identity(kind: 4, value: number.rawValue)
        }
    }
}
