import GatehouseProtocol

extension SignIn {
    /// What a person says who is asked what they allow.
    package enum ConsentAnswer: Sendable {
        /// Allow it; of what may be left out, only what is ticked.
        case allow(ticked: Set<String>)
        case deny
    }

    /// Takes the answer of whoever is asked, and ends the visit with it.
    ///
    /// An answer that is given twice, as a double click does, is taken once and answered the same
    /// again. One to a question that was put to another account, or was another one, leads back to
    /// the page.
    package func answer(
        _ answer: ConsentAnswer, to question: String, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let visit = progress.visit
        guard let current = progress.current else { return .proceed(nil) }
        let finish = finishSignIn
        if let decision = visit.interaction.decision {
            guard decision.userID == current.user.id, decision.isLike(answer) else {
                return .proceed(nil)
            }
            return .answered(
                try await finish.decide(decision, nil, visit, in: current.session, on: occasion),
                nil)
        }
        guard progress.step == .askConsent, let asked = progress.question,
            progress.isValid(questionToken: question)
        else { return .proceed(nil) }
        let decision = ConsentDecision(
            userID: current.user.id, allowed: answer.ticked.map { asked.allowed(ticked: $0) })
        return .answered(
            try await finish.decide(decision, asked, visit, in: current.session, on: occasion), nil)
    }
}

extension SignIn.Progress {
    /// What the form of the question must carry: it was put to this account, in this organization and
    /// in these words.
    package var questionToken: String? {
        questionText.map { visit.browser.authenticationCode(for: $0) }
    }

    fileprivate func isValid(questionToken token: String) -> Bool {
        questionText.map { visit.browser.isValid(token, for: $0) } ?? false
    }

    private var questionText: String? {
        guard let question, let current else { return nil }
        let place = [
            "consent", visit.interaction.id.text, current.session.id.text,
            organization.selected?.text ?? "",
        ]
        return "\(place.joined(separator: "/"))\n\(question.text)"
    }
}

extension SignIn.ConsentAnswer {
    /// What is ticked; nil if everything is denied.
    fileprivate var ticked: Set<String>? {
        switch self {
        case .allow(let ticked): ticked
        case .deny: nil
        }
    }
}

extension ConsentDecision {
    /// True if the answer says the same, whatever is ticked in it.
    fileprivate func isLike(_ answer: SignIn.ConsentAnswer) -> Bool {
        (allowed == nil) == (answer.ticked == nil)
    }
}
