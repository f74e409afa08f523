package cli

const emulatorDetails = `All 26 operations of the API, and AssumeRole and GetCallerIdentity of STS. A
secret is in the Region that its creation is signed for.

  aws --endpoint-url http://127.0.0.1:4584 secretsmanager list-secrets

Seed: the secrets to start with, as JSON. Only the name of a secret is needed. A
secretString that is no JSON string is taken as its JSON text.

  {"region": "eu-central-1", "secrets": [
    {"name": "shop/database", "secretString": {"username": "shop"}},
    {"name": "shop/key", "secretBinary": "base64", "description": "text",
     "kmsKeyId": "name", "tags": {"team": "shop"}}
  ]}

Any access key will do. With --credentials only those in the file do: signatures
and their time are verified, and the IAM policies of keys and roles are checked.
Without a policy, all is allowed.

  {"keys": [
    {"accessKeyId": "AKIAREADER", "secretAccessKey": "…", "user": "reader",
     "policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
       "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}},
    {"accessKeyId": "ASIASESSION", "secretAccessKey": "…", "sessionToken": "…"}],
   "roles": [{"arn": "arn:aws:iam::123456789012:role/reader",
     "externalId": "text", "policy": {…}}]}

Faults, calls and reset, for tests in other processes; a POST needs the header
Content-Type: application/json.

  POST /_emulator/faults {"kind": "slow", "delayMs": 500, "times": 2,
                          "operation": "GetSecretValue"}
  GET  /_emulator/calls  tells how often each operation was called
  POST /_emulator/reset  goes back to the seed; faults and counts are gone, too

The kinds are throttle, error (status 500), unavailable (503), slow (by delayMs,
at most 60000), reset (of the connection, before anything is done) and lose (the
operation is carried out, then the connection is reset). Without an operation a
fault is for all of them; without times it lasts until the reset.

Rotation is simulated: it stores a random password, in the member "password" of
a value that has one. With --lambda-endpoint the rotation function is invoked for
its four steps, as POST URL/2015-03-31/functions/NAME/invocations, which Lambda's
runtime interface emulator serves; a URL that has a path is taken as it is. The
function must call back at this emulator's address. When a step fails, the whole
rotation is tried again, three times in all, and once more by each RotateSecret
that is refused because of it. --log shows the steps.

Unlike in AWS, rotation and replication are over when the call returns, and
rotation comes on request only. A KMS key is only a name, and resource policies
are not applied.

Everything is in memory. --state keeps it: the file, which only its owner may
read, is JSON with all secrets and all their values as they are. It is loaded
where it exists, in place of the seed, and written anew at the start and at the
end, and so not when the process is killed.

Web pages cannot call it: requests with an Origin are refused, and those that
arrive at a loopback address with a Host other than localhost, a loopback
address, the host of --listen or a --host.

The exit status is 0 after SIGINT or SIGTERM, and when --check finds an
emulator; otherwise it is 1, and 2 when the command line, or a file that it
names, cannot be used.`
