// An OpenID provider that is not ours: node provider.mjs <issuer> <port> <back> <signed-out> <client secret> <keys file>.
// Any name signs on; "roles" and "preferred_username" follow from it. Says "listening" when it does.
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const [issuer, port, back, notice, secret, keys] = process.argv.slice(2);
const home = new URL(back).origin;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "workbench",
      client_secret: secret,
      redirect_uris: [back],
      post_logout_redirect_uris: [`${home}/sign-in`],
      backchannel_logout_uri: notice,
      backchannel_logout_session_required: true,
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  cookies: { keys: ["only for tests"] },
  jwks: JSON.parse(readFileSync(keys, "utf-8")),
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "roles"] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `来自统一登录 ${id}`, preferred_username: id, roles: [`${id}-role`, "staff"] }),
  }),
});
provider.proxy = true;
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
