import { suggestion } from '../../../mapping/suggest.ts';
import { isLocal } from '../../../mapping/units.ts';
import { isOn, type Section } from '../configuration.ts';
import { matchesEventsOf, type Route, sampleTag } from '../fluent-bit.ts';
import type { Installation, Rule } from '../installation.ts';

const tagHeader = 'FLUENT-TAG';

const mapFormats = /^(?:msgpack|json|json_lines|json_stream)$/i;

/** [OUTPUT] http into the service: /map and /deliver. */
export const toServiceRules: readonly Rule[] = [
  {
    code: 'D301',
    severity: 'error',
    title: 'the URI names no destination',
    reason: 'the service answers 503 until there is one, and Fluent Bit keeps its chunks for it',
    check: (installation, report) => {
      const names = installation.destinations.map(({ name }) => name);
      for (const { output, route } of routesOf(installation)) {
        if (installation.destination(route.destination)) continue;
        const what = route.destination === '' ? 'no destination' : `'${route.destination}'`;
        const message = `it sends to ${what}, which is not in destinations.yaml`;
        report(output.at('uri'), message, suggestion(route.destination, names));
      }
    },
  },
  {
    code: 'D302',
    severity: 'error',
    title: '`Header_Tag FLUENT-TAG` is missing',
    reason:
      'mapping files are chosen by tag; and a batch is known by it: how old it is, and what of it the SIEM has taken',
    check: (installation, report) => {
      for (const { output, route } of routesOf(installation)) {
        const header = output.value('header_tag');
        if (output.isOpen('header_tag') || header?.toUpperCase() === tagHeader) continue;
        if (route.to === 'map' && /(?:^|&)tag=/.test(route.query)) continue;
        const message = 'the service is not told the tag';
        report(output.at('header_tag'), message, `write Header_Tag ${tagHeader}`);
      }
    },
  },
  {
    code: 'D303',
    severity: 'error',
    title: 'the format is not what the service reads there',
    reason:
      '/deliver takes json_lines with `json_date_key false`: one event a line, as the SIEM is to get it. /map takes ' +
      'msgpack or JSON, said in so many words: what is sent without `Format` depends on the version',
    check: (installation, report) => {
      for (const { output, route } of routesOf(installation)) {
        const expected = route.to === 'map' ? 'msgpack' : 'json_lines';
        const format = output.value('format');
        const isFit = route.to === 'map' ? mapFormats : /^json_lines$/i;
        if (!output.isOpen('format') && !isFit.test(format ?? '')) {
          const said = format === undefined ? 'what is sent depends on the version' : `it sends ${format}`;
          report(output.at('format'), `${said}; /${route.to} takes ${expected}`, `write Format ${expected}`);
        }
        if (route.to === 'map' || output.isOpen('json_date_key')) continue;
        if (/^(?:false|off)$/i.test(output.value('json_date_key') ?? '')) continue;
        const message = 'Fluent Bit adds a key to each event';
        report(output.at('json_date_key'), message, 'write json_date_key false');
      }
    },
  },
  {
    code: 'D304',
    severity: 'error',
    title: 'the service listens elsewhere',
    reason: 'every chunk waits for a service that is not there',
    check: ({ processes, settings: { listen } }, report) => {
      for (const { output } of processes.flatMap((one) => [...one.routes('map'), ...one.routes('deliver')])) {
        const host = output.value('host') ?? '127.0.0.1';
        if (output.isOpen('host') || output.isOpen('port') || !isLocal({ host, port: 0 })) continue;
        const port = Number(output.value('port') ?? 80);
        if ('port' in listen && listen.port === port) continue;
        const [where, hint] =
          'port' in listen
            ? [`on port ${listen.port}`, `write Port ${listen.port}`]
            : ['at a unix socket, which [OUTPUT] http can not reach', 'set service.listen to 127.0.0.1:2021'];
        report(output.at('port'), `the service listens ${where}`, hint);
      }
    },
  },
  {
    code: 'D305',
    severity: 'error',
    title: '/deliver for a destination without `deliver:`',
    reason: 'there is no gate: the service answers 503, and nothing is delivered',
    check: (installation, report) => {
      for (const { output, route } of routesOf(installation, 'deliver')) {
        const destination = installation.destination(route.destination);
        if (!destination || destination.deliver) continue;
        const hint = "give it 'deliver:', or include the provider's stanza instead of this one";
        report(output.at('uri'), `'${route.destination}' has no 'deliver:' in destinations.yaml`, hint);
      }
    },
  },
  {
    code: 'D306',
    severity: 'error',
    title: 'a stanza of the gate takes the events of another destination',
    reason: 'they would be sent to the wrong SIEM, in a format it does not know',
    check: (installation, report) => {
      for (const { output, route } of routesOf(installation, 'deliver')) {
        const own = installation.destination(route.destination);
        if (!own) continue;
        const hint = `write Match siem.${own.name}.*`;
        if (!matchesEventsOf(output, own)) {
          report(output.at('match'), `it never gets events of '${own.name}'`, hint);
          continue;
        }
        const foreign = installation.destinations.find((one) => one !== own && matchesEventsOf(output, one));
        if (foreign) report(output.at('match'), `it takes events of '${foreign.name}' as well`, hint);
      }
    },
  },
  {
    code: 'D307',
    severity: 'error',
    title: 'events go round in a loop',
    reason: 'an output to /map that matches siem.* maps events again, and again',
    check: ({ processes, destinations }, report) => {
      for (const fluentBit of processes.filter(({ isDelivering }) => isDelivering)) {
        const names = [...destinations.map(({ name }) => name), 'dead'];
        for (const { output } of fluentBit.routes('map')) {
          if (!names.some((name) => output.matches(sampleTag(name)))) continue;
          const hint = 'name the tags of what is collected: Match_Regex ^(filecloud|filescom)\\.';
          report(placeOfMatch(output), 'events come in here with tags siem.*, and go to /map again', hint);
        }
      }
    },
  },
  {
    code: 'D308',
    severity: 'warning',
    title: 'records go to /map as JSON',
    reason: 'JSON rounds times and long numbers, and Fluent Bit adds a key `date` to each record',
    check: (installation, report) => {
      for (const { output } of routesOf(installation, 'map')) {
        if (!/^json/i.test(output.value('format') ?? '')) continue;
        report(output.at('format'), 'JSON rounds times and long numbers', 'write Format msgpack');
      }
    },
  },
  {
    code: 'D309',
    severity: 'error',
    title: 'credentials that the service asks for are not sent',
    reason: 'the service answers 503, and Fluent Bit keeps its chunks until they are right',
    check: (installation, report) => {
      for (const { output, route } of routesOf(installation)) {
        const credentials = installation.settings.auth[route.to];
        if (!credentials) continue;
        const takes = [
          ...(credentials.tokens.length > 0 ? (['bearer'] as const) : []),
          ...(credentials.users.length > 0 ? (['basic'] as const) : []),
        ];
        const sent = schemeOf(output);
        if (sent === 'unknown' || takes.some((scheme) => scheme === sent)) continue;
        const hint =
          takes[0] === 'bearer'
            ? 'write Header Authorization Bearer ${NAME} and set it in the environment'
            : 'write http_User and http_Passwd ${NAME}';
        const message = `/${route.to} asks for a ${takes[0] === 'bearer' ? 'token' : 'name and a password'} (service.auth.${route.to})`;
        report(output.place, message, hint);
      }
    },
  },
  {
    code: 'D310',
    severity: 'error',
    title: 'TLS is on one side only',
    reason: 'neither understands the other, and every chunk waits',
    check: (installation, report) => {
      const isSecure = installation.settings.tls !== undefined;
      for (const { output } of routesOf(installation)) {
        // Elsewhere there may be something in between.
        const host = output.value('host') ?? '127.0.0.1';
        if (output.isOpen('tls') || output.isOpen('host') || !isLocal({ host, port: 0 })) continue;
        if (isOn(output.value('tls')) === isSecure) continue;
        const message = isSecure
          ? 'the service speaks TLS (service.tls), and this does not'
          : 'this speaks TLS, and the service does not (service.tls)';
        report(output.at('tls'), message, isSecure ? 'write tls On' : 'write tls Off, or set service.tls');
      }
    },
  },
];

/** What Authorization an output sends. */
function schemeOf(output: Section): 'bearer' | 'basic' | 'none' | 'unknown' {
  const [header] = output.properties.flatMap(({ key, text }) => {
    const [, value] = (key === 'header' && /^authorization\s+(.*)$/i.exec(text)) || [];
    return value === undefined ? [] : [value];
  });
  if (header === undefined) return output.property('http_user') ? 'basic' : 'none';
  const [, scheme] = /^(bearer|basic)\s/i.exec(header) ?? [];
  if (scheme !== undefined) return scheme.toLowerCase() as 'bearer' | 'basic';
  return header.startsWith('$') ? 'unknown' : 'none';
}

function placeOfMatch(output: Section): Section['place'] {
  return output.property('match') ? output.at('match') : output.at('match_regex');
}

function routesOf({ processes }: Installation, only?: Route['to']): { output: Section; route: Route }[] {
  const all = (only === undefined ? (['map', 'deliver'] as const) : [only]) satisfies readonly Route['to'][];
  return processes.flatMap((one) => all.flatMap((to) => one.routes(to)));
}
