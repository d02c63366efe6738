import { seededRandom } from './random.ts';

export type Fields = Record<string, unknown>;

/** Makes records, one after another; the same for the same seed. */
export type RecordSource = () => Fields;

/** What an operation's records hold besides what all have. */
interface Operation {
  readonly name: string;
  /** How many of a thousand records. */
  readonly weight: number;
  readonly fields: (file: File, people: { user: string; other: string }, dice: () => number) => Fields;
}

interface File {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
}

const users = [
  'john.doe',
  'jane@example.org',
  'maria.gonzalez@example.com',
  'li.wei',
  'a.kowalski@partner.example.net',
  'müller',
  '田中 太郎',
  "o'neil",
];
const folders = [
  '/john.doe/docs',
  '/SHARED/legal/contracts/2026',
  '/team-engineering/releases/nightly',
  '/jane@example.org/inbox',
  '/müller/Größe',
  'C:\\share\\finance',
];
const names = [
  'report.pdf',
  'invoice 4711.pdf',
  'minutes-2026-03-02.docx',
  'forecast_q1.xlsx',
  'IMG_20260302_081500.jpg',
  'backup.tar.gz',
  'final=v2.pptx',
  '資料.docx',
];
const agents = ['Web browser', 'Web browser', 'Cloud Sync', 'Cloud Drive', 'iOS app', 'Android app'];
const share = '5f1c0a9be4b0d2c6a7e81f34';

/**
 * A day in a company that shares files: mostly downloads, uploads, previews and logins. Operations, keys and
 * texts are those of the samples in mappings/examples; the weights are an estimate.
 */
const operations: readonly Operation[] = [
  {
    name: 'downloadfile',
    weight: 290,
    fields: ({ folder, name, path }, _people, dice) => ({
      request: { op: 'downloadfile', filepath: path, filename: name, folder },
      notes: path,
      bandwidth: Math.floor(dice() * 50_000_000),
      ...(dice() < 0.2 && { metadata: { Department: 'Legal' } }),
    }),
  },
  {
    name: 'upload',
    weight: 200,
    fields: ({ folder, name, path }, _people, dice) => ({
      request: {
        op: 'upload',
        appname: 'explorer',
        path: folder,
        offset: '0',
        complete: '1',
        filename: name,
      },
      notes: path,
      bandwidth: String(Math.floor(dice() * 50_000_000)),
    }),
  },
  {
    name: 'loginguest',
    weight: 140,
    fields: (_file, { user }, dice) => {
      const succeeds = dice() < 0.75;
      return {
        request: { op: 'loginguest', userid: user, password: 'xxx' },
        resultCode: succeeds ? 1 : '0',
        notes: `${user} logged in ${succeeds ? 'OK' : 'FAIL'}`,
      };
    },
  },
  {
    name: 'getvideo',
    weight: 80,
    fields: ({ path }) => ({ request: { op: 'getvideo', filepath: path }, notes: path }),
  },
  {
    name: 'docconvert',
    weight: 70,
    fields: ({ path }) => ({ request: { op: 'docconvert', name: path }, notes: path }),
  },
  {
    name: 'createfolder',
    weight: 40,
    fields: ({ folder }) => ({
      request: { op: 'createfolder', name: 'new', path: folder },
      notes: `${folder}/new`,
    }),
  },
  {
    name: 'deletefile',
    weight: 40,
    fields: ({ folder, name, path }) => ({
      request: { op: 'deletefile', name, path: folder },
      notes: path,
      realpath: `/recyclebin${path}`,
    }),
  },
  {
    name: 'renameormove',
    weight: 40,
    fields: ({ folder, path }) => ({
      request: { op: 'renameormove', fromname: path, toname: `${folder}/moved` },
      notes: `${path} -> ${folder}/moved`,
    }),
  },
  {
    name: 'samlsso',
    weight: 30,
    fields: (_file, { user }) => ({
      request: { op: 'samlsso', RelayState: 'https://cloud.example.com/' },
      notes: `${user} sso login`,
    }),
  },
  {
    name: 'addusertoshare',
    weight: 25,
    fields: ({ folder }, { other }) => ({
      request: { op: 'addusertoshare', userid: other, shareid: share },
      notes: folder,
      metadata: { PII: 'yes' },
    }),
  },
  {
    name: 'updateshare',
    weight: 15,
    fields: ({ folder }) => ({
      request: {
        op: 'updateshare',
        shareid: share,
        sharename: 'Q1 docs',
        sharelocation: folder,
        viewmode: 'DEFAULT',
        validityperiod: '2026-12-31 23:59:59',
        maxdownloads: '10',
        sharepassword: 'xxx',
      },
      notes: 'Share updated',
    }),
  },
  {
    name: 'setallowpublicaccess',
    weight: 10,
    fields: ({ folder }) => ({
      request: {
        op: 'setallowpublicaccess',
        shareid: share,
        allowpublicaccess: '1',
        allowpublicupload: '0',
        sharepassword: '',
      },
      notes: folder,
    }),
  },
  {
    name: 'dlp',
    weight: 10,
    fields: ({ path }) => ({
      resultCode: 0,
      request: { op: 'downloadfile', filepath: path },
      notes: {
        message: 'DLP rule violated',
        violatedRule: 'No PII | EU',
        action: 'DOWNLOAD',
        shareTargetEmail: '',
      },
      realpath: path,
      metadata: { PII: 'SSN' },
    }),
  },
  {
    name: 'addmembertogroup',
    weight: 10,
    fields: (_file, { other }) => ({
      request: { op: 'addmembertogroup', groupid: '5e00aa11bb22cc33', userid: other },
      notes: `${other} added to Legal`,
    }),
  },
];

const totalWeight = operations.reduce((sum, { weight }) => sum + weight, 0);

/** The operations of the mix, most frequent first. */
export const operationNames = operations.map(({ name }) => name);

/** FileCloud audit records of all operations, by their weights. */
export function fileCloudMix(seed: number): RecordSource {
  const dice = seededRandom(seed);
  return sourceOf(dice, () => {
    let rest = dice() * totalWeight;
    for (const operation of operations) {
      rest -= operation.weight;
      if (rest < 0) return operation;
    }
    return operations[0]!;
  });
}

/** FileCloud audit records of one operation. */
export function oneOperation(name: string, seed: number): RecordSource {
  const operation = operations.find((one) => one.name === name)!;
  return sourceOf(seededRandom(seed), () => operation);
}

function sourceOf(dice: () => number, choose: () => Operation): RecordSource {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)]!;
  const hexadecimal = (digits: number): string =>
    Math.floor(dice() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  let seconds = 1772438400;
  return () => {
    const operation = choose();
    const [folder, name, user] = [pick(folders), pick(names), pick(users)];
    const file = { folder, name, path: `${folder}/${name}` };
    seconds += dice() < 0.3 ? 1 : 0;
    return {
      recordId: `65e2${hexadecimal(8)}${hexadecimal(8)}${hexadecimal(4)}`,
      hostname: 'cloud.example.com',
      ts: seconds,
      who: user,
      userName: user,
      ip: `203.0.113.${Math.floor(dice() * 254) + 1}`,
      userAgent: pick(agents),
      operation: operation.name,
      resultCode: 1,
      ...operation.fields(file, { user, other: pick(users) }, dice),
    };
  };
}
