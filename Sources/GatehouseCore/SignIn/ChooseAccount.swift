import GatehouseSQL

extension SignIn {
    /// Goes on with one of the accounts that are signed in, and makes it the active one.
    ///
    /// Without a session it is the one that was offered alone. Where it ended meanwhile, or is none of
    /// this browser's, the person is asked again.
    package func choose(
        _ session: Session.ID?, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let wanted = session ?? progress.current?.session.id
        guard let chosen = progress.accounts.first(where: { $0.session.id == wanted }) else {
            return .proceed(nil)
        }
        let accounts = [chosen] + progress.accounts.filter { $0.session.id != wanted }
        let visit = progress.visit.choosing(chosen.session.id, at: occasion.now)
        let record = try await database.write { transaction in
            let records = transaction.records(of: visit.tenant.id)
            try records.interactions.chooseAccount(
                visit.interaction.id, chosen.session.id, at: occasion.now)
            return try records.record(of: visit, by: accounts)
        }
        let next = try await self.progress(
            visit, record, device: progress.device, at: occasion.now)
        let isActive = progress.accounts.first?.session.id == wanted
        return try await finish(
            next, giving: isActive ? nil : SignedIn(accounts), on: occasion)
    }

    /// Signs one of the accounts out in this browser.
    package func signOut(
        of session: Session.ID?, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        guard let leaving = progress.accounts.first(where: { $0.session.id == session }) else {
            return .proceed(nil)
        }
        _ = try await database.write {
            try $0.records(of: progress.visit.tenant.id).end(leaving.session, on: occasion)
        }
        return .proceed(SignedIn(progress.accounts.filter { $0.session.id != session }))
    }
}
