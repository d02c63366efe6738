import type { Event } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { type Activity, activityOf, outcomeOf } from './activity.ts';
import { type Fields, messageOf, plainText } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import { fillPlaces, placesOf, setPlace } from './nested.ts';
import type { Render } from './render.ts';
import { numericSeverity, severityLevel } from './severity.ts';

// Elastic Common Schema 8.11 (https://www.elastic.co/docs/reference/ecs), and where Elastic's own CEF decoder puts them.
const places = placesOf(`
  act event.action
  app network.protocol
  deviceFacility log.syslog.facility.name
  dhost destination.domain
  dmac destination.mac
  dpt destination.port
  dst destination.ip
  duid destination.user.id
  duser destination.user.name
  dvc observer.ip
  dvchost observer.hostname
  dvcmac observer.mac
  externalId event.id
  fileId file.inode
  fileModificationTime file.mtime
  fileCreateTime file.created
  filePath file.path
  fileType file.type
  fname file.name
  fsize file.size
  in source.bytes
  msg message
  out destination.bytes
  proto network.transport
  reason event.reason
  request url.original
  requestClientApplication user_agent.original
  requestContext http.request.referrer
  requestMethod http.request.method
  shost source.domain
  smac source.mac
  sntdom source.user.domain,user.domain
  spt source.port
  src source.ip
  start event.start
  end event.end
  suid source.user.id,user.id
  suser source.user.name,user.name
`);

/** ECS categories and types: https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference */
const fileTypes: Readonly<Record<Exclude<Activity, 'login' | 'logout' | 'other'>, string>> = {
  upload: 'creation',
  copy: 'creation',
  restore: 'creation',
  delete: 'deletion',
  download: 'access',
  preview: 'access',
  open: 'access',
  rename: 'change',
  move: 'change',
  update: 'change',
  lock: 'change',
  unlock: 'change',
  share: 'change',
  unshare: 'change',
};

/**
 * A document in the Elastic Common Schema. Logins and what happens to files get their category and type; what the
 * schema has no place for stands under `labels`, as text.
 */
export function compileEcs(settings: DestinationSettings): Render {
  const { vendor, product, version } = settings.device;
  const render: Render = (event, problems) => {
    const outcome = outcomeOf(event);
    const document: Fields = {
      '@timestamp': new Date(event.time).toISOString(),
      ecs: { version: '8.11.0' },
      event: {
        kind: 'event',
        ...classification(activityOf(event)),
        code: plainText(event.eventClass) ?? 'unknown',
        severity: numericSeverity(event.severity, () => problems.clampedSeverities++),
        ...(outcome ? { outcome } : {}),
        ...(event.tag ? { dataset: event.tag } : {}),
      },
      log: { level: severityLevel(event.severity) },
      observer: { vendor, product, version },
    };
    const rest = fillPlaces(document, event, places, problems);
    setPlace(document, 'event.id', plainText(event.externalId));
    setPlace(document, 'event.action', plainText(event.eventName) ?? plainText(event.eventClass));
    setPlace(document, 'message', messageOf(event));
    setHash(document, rest);
    setRelated(document, event);
    const labels = Object.entries(rest).filter(([key]) => key !== 'outcome' || !outcome);
    if (labels.length > 0) {
      document.labels = Object.fromEntries(
        labels.map(([key, value]) => [key.replaceAll('.', '_'), plainText(value) ?? '']),
      );
    }
    return document;
  };
  return withRecordLimit(render, settings.recordLimit);
}

function classification(activity: Activity): Fields {
  if (activity === 'login') return { category: ['authentication'], type: ['start'] };
  if (activity === 'logout') return { category: ['authentication'], type: ['end'] };
  return activity === 'other' ? { type: ['info'] } : { category: ['file'], type: [fileTypes[activity]] };
}

const hashes: ReadonlyMap<number, string> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
]);

/** The length of a hash tells its kind. */
function setHash(document: Fields, rest: Fields): void {
  const hash = plainText(rest.fileHash) ?? '';
  const kind = /^[0-9a-f]+$/i.test(hash) ? hashes.get(hash.length) : undefined;
  if (kind === undefined) return;
  setPlace(document, `file.hash.${kind}`, hash.toLowerCase());
  delete rest.fileHash;
}

/** All users, addresses and hosts of the event, for searches that don't care for their part in it. */
function setRelated(document: Fields, { extension }: Event): void {
  const values = new Map(extension);
  const listOf = (...keys: string[]): string[] => [
    ...new Set(keys.flatMap((key) => plainText(values.get(key)) ?? [])),
  ];
  const ip = (document.source as Fields | undefined)?.ip;
  const other = (document.destination as Fields | undefined)?.ip;
  const lists = {
    user: listOf('suser', 'duser'),
    ip: [...new Set([ip, other].filter((one) => one !== undefined))],
    hosts: listOf('shost', 'dhost'),
  };
  for (const [key, list] of Object.entries(lists))
    if (list.length > 0) setPlace(document, `related.${key}`, list);
}
