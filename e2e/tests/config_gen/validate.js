// Prints of each file whether it is valid by the schema, in ajv's strict mode: node validate.js SCHEMA FILE..
const fs = require("fs");
const Ajv = require("ajv");
const [schema, ...files] = process.argv.slice(2);
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const ajv = new Ajv({ strict: true, allowUnionTypes: false });
require("ajv-formats")(ajv);
ajv.addFormat("secret-reference", true);
const validate = ajv.compile(read(schema));
for (const file of files) console.log(validate(read(file)) ? "valid" : `invalid at ${validate.errors[0].instancePath}`);
