// Package emulator is AWS Secrets Manager in memory, for local runs and tests:
// all 26 operations of API version 2017-10-17 with the service's rules, served
// as AWS JSON 1.1 over HTTP to any AWS SDK or CLI.
//
//	e := emulator.New(emulator.Options{})
//	http.ListenAndServe("127.0.0.1:4584", e)
//
//	aws secretsmanager list-secrets --endpoint-url http://127.0.0.1:4584
//
// # Layers
//
// The type service holds the rules and knows nothing of HTTP; there is a file
// for each group of operations. decode.go and validate.go check a request
// against the API's model. http.go, auth.go, sts.go and control.go are the
// front. The Region of a call is that of its signature's scope.
//
// # Seed
//
// Seed, and each Reset, creates secrets from JSON:
//
//	{
//	  "region": "eu-central-1",
//	  "secrets": [
//	    {
//	      "name": "shop/database",
//	      "description": "optional",
//	      "kmsKeyId": "optional",
//	      "secretString": {"username": "shop", "password": "…"},
//	      "tags": {"team": "shop"}
//	    },
//	    {"name": "shop/certificate", "secretBinary": "base64"}
//	  ]
//	}
//
// The region is us-east-1 when missing. A secretString that is a JSON string
// is taken as it is, any other JSON as its text.
//
// # Credentials
//
// With Options.Credentials, signatures are verified. ReadCredentials reads them
// from JSON:
//
//	{
//	  "keys": [
//	    {"accessKeyId": "AKIAREADER", "secretAccessKey": "…", "user": "reader", "policy": {
//	      "Version": "2012-10-17",
//	      "Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
//	    }}
//	  ],
//	  "roles": [{"arn": "arn:aws:iam::123456789012:role/reader", "externalId": "optional"}]
//	}
//
// A sessionToken, the user, and the identity policy of a key or role are
// optional: without a policy everything is allowed.
//
// # Faults
//
// Inject, or over HTTP
//
//	POST /_emulator/faults {"kind": "throttle", "operation": "GetSecretValue", "times": 2}
//
// makes the next calls go wrong. Kinds: throttle, error (500), unavailable
// (503), slow (with delayMs, at most 60000), reset (the connection, before
// anything was done) and lose (the connection is reset after the operation was
// carried out). No operation means every one, no times means until Reset.
//
//	GET  /_emulator/calls   {"calls": {"GetSecretValue": 3}}
//	POST /_emulator/reset   back to the seeds; also drops faults, denials, counts
//
// What is posted has the content type application/json.
//
// # Where it differs from AWS
//
// docs/emulator.md lists it, with the reasons and the evidence for what AWS does
// where its documentation is silent.
package emulator
