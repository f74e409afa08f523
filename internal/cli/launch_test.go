package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLaunchArgs(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"nothing", "", ""},
		{"run", "run", "run"},
		{"our own tools", "process --function GetSecretValue", "process --function GetSecretValue"},
		{"node", "node ./node_modules/elasticio-sailor-nodejs/run.js", "run"},
		{"node with its options", "/usr/local/bin/node --max-old-space-size=200 run.js extra", "run"},
		{"npm", "npm start", "run"},
		{"npm run", "npm --silent run start", "run"},
		{"bash", "bash sail.sh", "run"},
		{"bash with its options", "/bin/bash -x ./node_modules/.bin/sail.sh", "run"},
		{"method", "verifyCredentials", "service -- verifyCredentials"},
		{"method with more behind", "getMetaModel --json x", "service -- getMetaModel"},
		{"last method", "selectModel", "service -- selectModel"},
		{"method of node", "node ./node_modules/elasticio-sailor-nodejs/runService.js verifyCredentials", "service -- verifyCredentials"},
		{"method of bash", "bash serve.sh selectModel", "service -- selectModel"},
		{"method that there is not", "node runService.js nope", "service -- nope"},
		{"method that looks like a flag", "node runService.js --help", "service -- --help"},
		{"no method", "bash serve.sh", "service --"},
		{"method that is an argument of a tool", "exec verifyCredentials", "exec verifyCredentials"},
		{"program alone", "node", "node"},
		{"script of another program", "npm run.js", "npm run.js"},
		{"script alone", "run.js", "run.js"},
		{"other script", "node index.js", "node index.js"},
		{"name that only ends so", "node myrun.js", "node myrun.js"},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, strings.Fields(test.want), append([]string{}, launchArgs(strings.Fields(test.args))...))
		})
	}
}
