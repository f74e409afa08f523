// Evaluates the expressions of schemas/testdata/mapper.json with JSONata, as the
// platform's mapper does, and writes down what they make ("mapped"). To add a
// case, write name, function, expression and either want or error, then:
//
//   npm install --prefix /tmp/mapper jsonata@2 && \
//     NODE_PATH=/tmp/mapper/node_modules node scripts/record-mapper.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const file = new URL('../schemas/testdata/mapper.json', import.meta.url);
const jsonata = createRequire(import.meta.url)('jsonata');
const recorded = JSON.parse(readFileSync(file, 'utf8'));
for (const [i, { name, function: of, expression, want, error }] of recorded.cases.entries()) {
  const mapped = await jsonata(expression).evaluate(recorded.input);
  recorded.cases[i] = { name, function: of, expression, mapped, want, error };
}
writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
