// A web app that signs people in as Authgear's guide for Express has its readers write one.
//
// It is written anew, because no licence is stated for the guide's code. Its requests are those of
// the guide, parameter by parameter, and so is what they leave out: no state, no PKCE, no
// id_token_hint, no client_id at logout. The refresh token that it got first is the one that it
// uses for ever. In place of express-session, which Debian does not have, stands a map.
"use strict";

const crypto = require("crypto");
const express = require("express");
const axios = require("axios");

const settings = process.env;
const home = `http://localhost:${settings.PORT}`;
const form = { headers: { "Content-Type": "application/x-www-form-urlencoded" } };
const sessions = new Map();
const app = express();

function provider(path) {
    return new URL(path, settings.AUTHGEAR_ENDPOINT);
}

app.use(express.urlencoded({ extended: true }));
app.use((request, response, next) => {
    const [, known] = /(?:^|; )sid=([0-9a-f]+)/.exec(request.headers.cookie ?? "") ?? [];
    const id = sessions.has(known) ? known : crypto.randomBytes(16).toString("hex");
    if (!sessions.has(id)) sessions.set(id, {});
    request.session = sessions.get(id);
    request.forget = () => sessions.delete(id);
    response.cookie("sid", id, { httpOnly: true });
    next();
});

async function currentAccessToken(session) {
    if (session.expire_at >= new Date(Date.now()).getTime()) return session.access_token;
    const answer = await axios.post(provider("/oauth2/token"), {
        client_id: settings.AUTHGEAR_CLIENT_ID,
        client_secret: settings.AUTHGEAR_CLIENT_SECRET,
        grant_type: "refresh_token",
        refresh_token: session.refresh_token,
    }, form);
    session.access_token = answer.data.access_token;
    session.expire_at = new Date(Date.now()).getTime() + answer.data.expires_in * 1000;
    return session.access_token;
}

app.get("/", async (request, response) => {
    if (request.session.access_token == null) {
        response.send('<a href="/login">Login</a>');
        return;
    }
    try {
        const accessToken = await currentAccessToken(request.session);
        const answer = await axios.get(provider("/oauth2/userinfo"), {
            headers: { Authorization: "Bearer " + accessToken },
        });
        response.json(answer.data);
    } catch (error) {
        response.status(502).send(String(error));
    }
});

app.get("/login", (request, response) => {
    const url = provider("/oauth2/authorize");
    url.searchParams.set("client_id", settings.AUTHGEAR_CLIENT_ID);
    url.searchParams.set("redirect_uri", settings.AUTHGEAR_REDIRECT_URL);
    url.searchParams.set("response_type", "code");
    url.searchParams.set("scope", "openid offline_access");
    response.redirect(url);
});

app.get("/auth-redirect", async (request, response) => {
    if (request.query.code == null) {
        response.status(400).send("No authorization code");
        return;
    }
    try {
        const answer = await axios.post(provider("/oauth2/token"), {
            client_id: settings.AUTHGEAR_CLIENT_ID,
            client_secret: settings.AUTHGEAR_CLIENT_SECRET,
            code: request.query.code,
            grant_type: "authorization_code",
            response_type: "code",
            redirect_uri: settings.AUTHGEAR_REDIRECT_URL,
        }, form);
        request.session.access_token = answer.data.access_token;
        request.session.expire_at = new Date(Date.now()).getTime() + answer.data.expires_in * 1000;
        request.session.refresh_token = answer.data.refresh_token;
        response.redirect("/");
    } catch (error) {
        response.status(502).send(String(error));
    }
});

app.get("/logout", (request, response) => {
    const accessToken = request.session.access_token;
    const url = provider("/oauth2/end_session");
    url.searchParams.set("post_logout_redirect_uri", home);
    request.forget();
    response.set("Authorization", "Bearer " + accessToken);
    response.redirect(url);
});

app.listen(Number(settings.PORT), "127.0.0.1", () => process.stdout.write("listening\n"));
