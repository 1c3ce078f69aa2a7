extension Client {
    /// The logos that pages show: those that an operator put here, or else what was fetched from where
    /// the client says now that its logo is.
    package var shownLogos: Logos? {
        guard let source = logos?.source else { return logos }
        return registration.description.logo == source ? logos : nil
    }

    /// Where the logo is that has to be fetched; nil if none has to be.
    var awaitedLogo: String? {
        guard registration.origin.isSelfDeclared, shownLogos == nil else { return nil }
        return registration.description.logo
    }
}
