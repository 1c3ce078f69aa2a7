import GatehouseClient

extension ProblemView.Problem {
    /// What to tell somebody whose sign-in came to nothing.
    init(_ error: ClientError) {
        self =
            switch error {
            case .callback(.issuer): .untrustworthy(check: CallbackProblem.issuer.rule)
            case .callback: .foreignAnswer
            case .untrustworthy(let check): .untrustworthy(check: check.rule)
            case .subjectMismatch: .untrustworthy(check: error.description)
            case .oauth(let refusal), .refresh(let refusal):
                .answered(code: refusal.code, description: refusal.detail)
            case .accessDenied: .answered(code: "access_denied", description: nil)
            case .unreachable: .unreachable
            default: .answered(code: "error", description: error.description)
            }
    }
}
