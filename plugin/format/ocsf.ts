import type { Event } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { type Activity, activityOf, type FileActivity, outcomeOf } from './activity.ts';
import { type Fields, messageOf, plainText } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import { fillPlaces, placesOf, setPlace } from './nested.ts';
import type { Render } from './render.ts';
import { numericSeverity } from './severity.ts';

const schemaVersion = '1.3.0';

// Attributes that the classes used here share (https://schema.ocsf.io).
const places = placesOf(`
  dhost dst_endpoint.hostname
  dmac dst_endpoint.mac
  dpt dst_endpoint.port
  dst dst_endpoint.ip
  externalId metadata.uid
  fileId file.uid
  filePath file.path
  fname file.name
  fsize file.size
  msg message
  reason status_detail
  request http_request.url.url_string
  requestClientApplication http_request.user_agent
  requestContext http_request.referrer
  requestMethod http_request.http_method
  shost src_endpoint.hostname
  smac src_endpoint.mac
  spt src_endpoint.port
  src src_endpoint.ip
  suid actor.user.uid
  suser actor.user.name
`);

interface Class {
  readonly category: number;
  readonly uid: number;
  readonly activities: Readonly<Partial<Record<Activity, number>>>;
}

const baseEvent: Class = { category: 0, uid: 0, activities: {} };

// https://schema.ocsf.io/1.3.0/classes/authentication
const authentication: Class = { category: 3, uid: 3002, activities: { login: 1, logout: 2 } };

// https://schema.ocsf.io/1.3.0/classes/file_hosting
const fileActivities: Readonly<Record<FileActivity, number>> = {
  upload: 1,
  download: 2,
  update: 3,
  delete: 4,
  rename: 5,
  copy: 6,
  move: 7,
  restore: 8,
  preview: 9,
  lock: 10,
  unlock: 11,
  share: 12,
  unshare: 13,
  open: 14,
};
const fileHosting: Class = { category: 6, uid: 6006, activities: fileActivities };

/**
 * An event in the Open Cybersecurity Schema Framework: Authentication for logins, File Hosting Activity for what
 * happens to files, the base event for the rest. What the class has no attribute for stands under `unmapped`.
 */
export function compileOcsf(settings: DestinationSettings): Render {
  const { vendor, product, version } = settings.device;
  const render: Render = (event, problems) => {
    const activity = activityOf(event);
    const { category, uid, activities } = classOf(activity, event);
    const activityId = activities[activity] ?? 99;
    const outcome = outcomeOf(event);
    const severity = numericSeverity(event.severity, () => problems.clampedSeverities++);
    const document: Fields = {
      time: BigInt(event.time),
      category_uid: category,
      class_uid: uid,
      activity_id: activityId,
      type_uid: uid * 100 + activityId,
      ...(activityId === 99 ? { activity_name: nameOf(event) } : {}),
      severity_id: severityId(severity),
      status_id: outcome === undefined ? 0 : outcome === 'success' ? 1 : 2,
      metadata: {
        version: schemaVersion,
        product: { vendor_name: vendor, name: product, version },
        event_code: plainText(event.eventClass) ?? 'unknown',
        ...(event.tag ? { log_name: event.tag } : {}),
      },
    };
    const rest = fillPlaces(document, event, places, problems);
    setPlace(document, 'metadata.uid', plainText(event.externalId));
    setPlace(document, 'message', messageOf(event));
    if (document.file !== undefined) {
      // Required: what it is called, and that it is not known to be a file or a folder.
      setPlace(document, 'file.name', baseName(document.file as Fields));
      setPlace(document, 'file.type_id', 0);
    }
    if (uid === authentication.uid) {
      setPlace(document, 'user', (document.actor as Fields | undefined)?.user);
      setPlace(document, 'service.name', product);
    }
    if (outcome) delete rest.outcome;
    if (Object.keys(rest).length > 0) document.unmapped = rest;
    return document;
  };
  return withRecordLimit(render, settings.recordLimit);
}

/** The class of the activity, where the event has what the class requires. */
function classOf(activity: Activity, { extension }: Event): Class {
  const has = (...keys: string[]): boolean => extension.some(([key]) => keys.includes(key));
  if (activity === 'login' || activity === 'logout') return has('suser', 'suid') ? authentication : baseEvent;
  if (activity === 'other') return baseEvent;
  return has('suser', 'suid') && has('src', 'shost') ? fileHosting : baseEvent;
}

function nameOf({ eventName, eventClass }: Event): string {
  return plainText(eventName) ?? plainText(eventClass) ?? 'event';
}

function baseName({ path, uid }: Fields): string {
  const text = plainText(path) ?? plainText(uid) ?? '';
  return text.split(/[/\\]/).findLast((part) => part !== '') ?? text;
}

/** 1 Informational, 2 Low, 3 Medium, 4 High, 5 Critical; 0 Unknown. */
function severityId(severity: number): number {
  if (severity === 0) return 0;
  if (severity <= 1) return 1;
  if (severity <= 3) return 2;
  if (severity <= 6) return 3;
  return severity <= 8 ? 4 : 5;
}
