/// How a client comes to its tokens once a person has answered (OpenID Connect CIBA Core §5).
///
/// There is no push: tokens travel in answers to whoever authenticated for them, as FAPI-CIBA
/// demands (§5.2.2).
public enum TokenDeliveryMode: String, Sendable, Hashable, CaseIterable {
    /// It asks until there is an answer.
    case poll
    /// It is told that there is an answer, and asks then.
    case ping
}
