// Every setting of the cloud: what it means, and what it may be. cloud/config/cloud.example.jsonc shows them all.
import { SCOPES } from "../access/scopes";

const text = (description: string, more: object = {}) => ({
  type: "string",
  minLength: 1,
  description,
  ...more,
});
const file = (description: string) => text(`${description} (a file; relative to the configuration's folder)`);
const count = (description: string, minimum: number, maximum: number) => ({
  type: "integer",
  minimum,
  maximum,
  description,
});
const days = (description: string) => ({
  type: ["integer", "null"],
  minimum: 1,
  maximum: 36_500,
  description,
});
const object = (description: string, properties: object, required: readonly string[] = []) => ({
  type: "object",
  additionalProperties: false,
  description,
  required,
  properties,
});
const networks = (description: string) => ({
  type: "array",
  items: text("An address, or a network as 192.0.2.0/24"),
  description,
});

export const CONFIG_SCHEMA = object(
  "The configuration of the cloud.",
  {
    publicUrl: text("The address that clients and browsers know, without a path", {
      pattern: "^https?://[^/]+$",
    }),
    listen: object("Where the API listens.", {
      address: text("An address of this machine; default: loopback, for a proxy on this machine"),
      port: count("Default: 8080", 0, 65_535),
    }),
    tls: object(
      "The API's own certificate. Without it the API speaks plain HTTP, behind a proxy that speaks TLS.",
      { cert: file("The certificate and its chain, PEM"), key: file("Its key, PEM") },
      ["cert", "key"],
    ),
    proxies: networks("Proxies in front of the API: their X-Forwarded-For says who asks"),
    tokenKey: file(
      "The key that tokens are signed with; made if it is not there. All processes need the same one",
    ),
    store: {
      description: "Where readings are kept.",
      oneOf: [
        object("A file of this process.", { engine: { const: "embedded" }, file: file("The file") }, [
          "engine",
          "file",
        ]),
        object(
          "PostgreSQL. Either `url` or `urlFile`.",
          {
            engine: { const: "postgresql" },
            url: text("postgres://user@host/database; a password in it is better put into urlFile"),
            urlFile: file("Holds the URL"),
            connections: count("Of this process; default: 4", 1, 100),
          },
          ["engine"],
        ),
      ],
    },
    homeAccount: text("Name of the account that gets devices which nobody has registered; default: home"),
    retention: object("For how many days; null: for ever.", {
      readings: days("Single readings; default: 400"),
      hours: days("Hourly means; default: for ever"),
      asides: days("Messages that were put aside; default: 30"),
      audit: days("Who did what; default: 400"),
    }),
    broker: object(
      "The MQTT broker. Without it nothing is taken in, and nothing sent to devices: an API beside other processes.",
      {
        url: text("mqtts://host:port", { pattern: "^mqtts?://" }),
        servername: text("The broker's name in its certificate, where it is not the URL's"),
        ca: file("The authority of the broker's certificate, PEM"),
        cert: file("This program's certificate, PEM"),
        key: file("Its key, PEM"),
        prefix: text("What the devices' topics begin with; default: aerolink/v1/{id}", {
          pattern: "\\{id\\}",
        }),
        mqtt: { enum: ["3.1.1", "5"], description: "Default: 5, with a shared subscription" },
        name: text("Of this process at the broker; others have another name. Default: cloud"),
        connections: count("For readings, with MQTT 5; default: 8", 1, 64),
        group: text("Of the shared subscription; default: readers"),
        takes: { type: "boolean", description: "Take readings in; default: true" },
      },
      ["url", "ca", "cert", "key"],
    ),
    people: object(
      "People, who sign in at the operator's OpenID Connect provider.",
      {
        issuer: text("The provider's address"),
        clientId: text("Of this cloud at the provider"),
        clientSecretFile: file("Holds the secret of this cloud at the provider"),
        secondFactor: object(
          "Which claim says that a second factor was used, and by which values. Whoever comes without is refused.",
          {
            claim: { enum: ["amr", "acr"], description: "Where the provider says it" },
            values: {
              type: "array",
              minItems: 1,
              items: text("One of them is enough"),
              description: "What it then says",
            },
          },
          ["claim", "values"],
        ),
        accountClaim: text("The claim with the id of the account that a person belongs to"),
        account: text("In its place: one account for all people, by its name or id"),
        scopes: { type: "array", items: { enum: Object.keys(SCOPES) }, description: "What people may" },
        from: networks("From where people may come; empty: from anywhere"),
      },
      ["issuer", "clientId", "clientSecretFile", "secondFactor"],
    ),
    rateLimit: object("What one client, person or stranger's address may ask.", {
      requests: count("In a window; default: 600", 1, 1_000_000),
      windowSeconds: count("Default: 60", 1, 86_400),
      atOnce: count("Side by side; default: 16", 1, 1_000),
    }),
  },
  ["publicUrl", "store"],
);
