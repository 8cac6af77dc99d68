// A deployment of an API never changes. One that is named after the API's text is made anew with it.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const text = readFileSync(join(__dirname, "../openapi.yaml"));
const deployment = `ApiDeployment${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;

module.exports = {
  resource: { [deployment]: { Type: "AWS::ApiGateway::Deployment", Properties: { RestApiId: { Ref: "Api" } } } },
  reference: { Ref: deployment },
};
