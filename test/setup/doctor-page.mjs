// docs/doctor.md: the rules with their reasons, as they stand in the code.

import { rules } from '../../dist/cli/doctor/rules/index.js';

/** @param {string} generated the line that says so */
export function doctorPage(generated) {
  const rows = rules.map(
    ({ code, severity, title, reason }) =>
      `| ${code} | ${severity} | ${title} | ${reason.replaceAll('|', '\\|')} |`,
  );
  return `# Check an installation: \`fluent-bit-siem doctor\`

${generated}

\`\`\`sh
npx fluent-bit-siem doctor --config mappings/destinations.yaml --fluent-bit fluent-bit.conf
\`\`\`

It looks at destinations.yaml, at the configuration of each Fluent Bit process (\`--fluent-bit\`, again for each; without it
\`fluent-bit*.conf\` beside the folder of destinations.yaml), and at what is running. Each finding has a place and says what to do;
exit code 1 when one is an error. \`--offline\` looks at files only; \`--format json\` is for programs.

Classic and YAML configuration are read as Fluent Bit reads them, with includes, \`@SET\`, \`env:\` and \`\${NAME}\`. A value that only
Fluent Bit's own environment has is not known here, and nothing is said of it. One \`--fluent-bit\` is one process: give all that
belong to the installation, so that what the collector sends and what another delivers are seen together.

## In the configuration

A file that can't be read, or that Fluent Bit would refuse, is D001. More on the reasons: [delivery](delivery.md).

| code | is | what is wrong | why it matters |
| --- | --- | --- | --- |
${rows.join('\n')}

## What is running

Each look takes 5 s at most, a test event (\`--send\`) a minute, and no output shows a secret.

| | |
| --- | --- |
| fluent-bit | the version (\`--binary\`, else \`FLUENT_BIT\`, else the one on \`PATH\`), what is known of it, and what \`fluent-bit --dry-run\` says of each file: since 4.2 it knows every plugin's keys |
| service | answers at \`service.listen\`, is this service, and serves the destinations that the file has now; one that fails or is paused |
| forward | each address takes a connection, and the handshake where there is a shared key. With \`--send\` a message without records is acknowledged: nothing is stored |
| the destination's name | behind the gate: name, connection (through the proxy where there is one), TLS, a certificate that ends within 30 days, a token by \`oauth2\`; Splunk's \`/services/collector/health\` and Datadog's \`/api/v1/validate\` with the credentials; a clock that is more than 60 s apart. Others have no harmless question: \`--send\` sends each a marked event, as \`fluent-bit-siem test\` does |
| disk | the folders of \`storage.path\` and of files that are written are there, and have more than 1 GB and 5 % free |

A destination without \`deliver:\` is Fluent Bit's to reach, with credentials that only it has: where its stanza's Host and Port are
known here, a connection is made, with TLS where the stanza says so; the credentials are not tried.
`;
}
