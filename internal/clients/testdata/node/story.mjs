// The story in the AWS SDK for JavaScript.
import assert from "node:assert/strict";
import {
  InvalidRequestException,
  ResourceNotFoundException,
  SecretsManager,
  paginateListSecrets,
} from "@aws-sdk/client-secrets-manager";

const client = new SecretsManager({ endpoint: process.env.EMULATOR });
const SecretId = "story/db";
const value = async (version) => (await client.getSecretValue({ SecretId, ...version })).SecretString;

await client.createSecret({ Name: SecretId, SecretString: "one", Tags: [{ Key: "team", Value: "shop" }] });
assert.equal(await value(), "one");
await client.putSecretValue({ SecretId, SecretString: "two" });
assert.equal(await value(), "two");
assert.equal(await value({ VersionStage: "AWSPREVIOUS" }), "one");

const names = [];
const Filters = [{ Key: "name", Values: ["story/"] }, { Key: "tag-key", Values: ["team"] }];
for await (const page of paginateListSecrets({ client, pageSize: 1 }, { Filters })) {
  names.push(...page.SecretList.map((s) => s.Name));
}
assert.deepEqual(names, [SecretId]);

await client.rotateSecret({ SecretId, RotationLambdaARN: "arn:aws:lambda:eu-central-1:123456789012:function:rotate" });
assert.notEqual(await value(), "two");

await client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
await assert.rejects(value(), InvalidRequestException);
await client.restoreSecret({ SecretId });
await value();
await assert.rejects(client.describeSecret({ SecretId: "story/none" }), ResourceNotFoundException);
