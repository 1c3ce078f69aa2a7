/// Code for Spring Boot, ASP.NET Core and PHP.
extension IntegrationSnippet {
    static func springBoot(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "spring", title: "Spring Boot", language: "java", file: "SecurityConfig.java",
            install: "implementation 'org.springframework.boot:spring-boot-starter-oauth2-client'",
            code: facts.springConfiguration,
            notes: [
                facts.pathNote("redirectionEndpoint"),
                """
                Values stand in code and not in application.yml, where ${…} would mean something.
                """,
                "Spring compares state and nonce; the iss of the answer it leaves alone.",
            ] + facts.resourceNotes, evidence: .unchecked)
    }

    static func aspNetCore(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "aspnet", title: "ASP.NET Core", language: "csharp", file: "Program.cs",
            install: "dotnet add package Microsoft.AspNetCore.Authentication.OpenIdConnect",
            code: facts.aspNetProgram,
            notes: [
                facts.pathNote("CallbackPath"),
                "The app has to be reached at the host of the redirect URI: it makes the rest of it.",
            ] + facts.transportNotes, evidence: .unchecked)
    }

    static func php(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "php", title: "PHP", language: "php", file: "login.php",
            install: "composer require jumbojett/openid-connect-php", code: facts.phpPage,
            notes: [
                """
                The page begins the sign-in and takes the answer: it has to be what the redirect URI \
                leads to.
                """,
                "The library checks state, nonce and the ID token; the page checks iss.",
            ], evidence: .unchecked)
    }
}

extension IntegrationFacts {
    fileprivate var springConfiguration: String {
        """
        import org.springframework.context.annotation.Bean;
        import org.springframework.context.annotation.Configuration;
        import org.springframework.security.config.annotation.web.builders.HttpSecurity;
        import org.springframework.security.oauth2.client.registration.*;
        import org.springframework.security.oauth2.client.web.*;
        import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
        import org.springframework.security.web.SecurityFilterChain;

        @Configuration
        class SecurityConfig {
            @Bean
            ClientRegistrationRepository clients() {
                return new InMemoryClientRegistrationRepository(ClientRegistrations
                    .fromIssuerLocation(\(CodeLiteral.java(issuer)))
                    .registrationId("gatehouse")
                    .clientId(\(CodeLiteral.java(clientID)))
                    .clientSecret(System.getenv("\(Self.secretName)"))
                    .clientAuthenticationMethod(ClientAuthenticationMethod.\(springMethod))
                    .redirectUri(\(CodeLiteral.java(callback)))
                    .scope(\(scope.map(CodeLiteral.java).joined(separator: ", ")))
                    .build());
            }

            @Bean
            SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients)
                    throws Exception {
                // PKCE is what Spring does unbidden for public clients only.
                var requests = new DefaultOAuth2AuthorizationRequestResolver(
                    clients, "/oauth2/authorization");
                requests.setAuthorizationRequestCustomizer(
                    OAuth2AuthorizationRequestCustomizers.withPkce());
                return http
                    .authorizeHttpRequests(all -> all.anyRequest().authenticated())
                    .oauth2Login(login -> login
                        .authorizationEndpoint(one -> one.authorizationRequestResolver(requests))
                        .redirectionEndpoint(one -> one.baseUri(\(CodeLiteral.java(callbackPath)))))
                    .build();
            }
        }

        """
    }

    private var springMethod: String {
        proof == .secretInForm ? "CLIENT_SECRET_POST" : "CLIENT_SECRET_BASIC"
    }

    fileprivate var aspNetProgram: String {
        """
        using Microsoft.AspNetCore.Authentication.Cookies;
        using Microsoft.AspNetCore.Authentication.OpenIdConnect;

        var builder = WebApplication.CreateBuilder(args);
        builder.Services
            .AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            })
            .AddCookie()
            .AddOpenIdConnect(options =>
            {
                options.Authority = \(CodeLiteral.cSharp(issuer));
                options.ClientId = \(CodeLiteral.cSharp(clientID));
                options.ClientSecret = Environment.GetEnvironmentVariable("\(Self.secretName)");
                options.CallbackPath = \(CodeLiteral.cSharp(callbackPath));
                options.ResponseType = "code";
                // The client is registered to get answers in the query.
                options.ResponseMode = "query";
                options.UsePkce = true;
                options.MapInboundClaims = false;
                options.Events.OnMessageReceived = context =>
                {
                    // iss says which provider answers (RFC 9207).
                    if (context.ProtocolMessage.Iss != options.Authority)
                        context.Fail("Another provider answered.");
                    return Task.CompletedTask;
                };
                options.TokenValidationParameters.NameClaimType = "name";
                options.TokenValidationParameters.ValidIssuer = options.Authority;
                options.Scope.Clear();
                foreach (var scope in new[] { \(scope.map(CodeLiteral.cSharp).joined(separator: ", ")) })
                    options.Scope.Add(scope);\(aspNetTransport)\(aspNetResource)
            });
        builder.Services.AddAuthorization();

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/", (HttpContext context) => $"Hello {context.User.FindFirst("sub")?.Value}")
            .RequireAuthorization();
        app.Run();

        """
    }

    private var aspNetTransport: String {
        isPlainHTTP ? "\n        options.RequireHttpsMetadata = false;" : ""
    }

    private var aspNetResource: String {
        resource.map { "\n        options.Resource = \(CodeLiteral.cSharp($0));" } ?? ""
    }

    fileprivate var phpPage: String {
        """
        <?php
        require __DIR__ . '/vendor/autoload.php';

        use Jumbojett\\OpenIDConnectClient;

        const ISSUER = \(CodeLiteral.php(issuer));

        session_set_cookie_params(['httponly' => true, 'samesite' => 'Lax']);
        session_start();

        // iss says which provider answers (RFC 9207).
        if (isset($_GET['code']) && ($_GET['iss'] ?? '') !== ISSUER) {
            http_response_code(400);
            exit('This is not the answer to a sign-in of this browser.');
        }

        $client = new OpenIDConnectClient(
            ISSUER, \(CodeLiteral.php(clientID)), getenv('\(Self.secretName)'));
        $client->setRedirectURL(\(CodeLiteral.php(callback)));
        $client->addScope([\(scope.map(CodeLiteral.php).joined(separator: ", "))]);
        $client->setCodeChallengeMethod('S256');\(phpMethod)\(phpResource)
        $client->authenticate();

        session_regenerate_id(true);
        $_SESSION['sub'] = $client->getVerifiedClaims('sub');
        header('Location: /', true, 303);

        """
    }

    private var phpMethod: String {
        proof == .secretInForm
            ? "\n$client->setTokenEndpointAuthMethodsSupported(['client_secret_post']);" : ""
    }

    private var phpResource: String {
        resource.map { "\n$client->addAuthParam(['resource' => \(CodeLiteral.php($0))]);" } ?? ""
    }
}
