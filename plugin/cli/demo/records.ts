const people = ['john.doe', 'jane@example.org', 'müller', '田中 太郎', "o'neil", 'admin'];
const folders = ['/john.doe/docs', '/team/in', '/SHARED/legal', '/müller/Größe', 'C:\\share\\a=b|c'];
const names = [
  'report.pdf',
  'invoice 42.pdf',
  'q1=final|v2.xlsx',
  '資料📄.docx',
  'bad\nname.txt',
  'x.tar.gz',
];

type Fields = (folder: string, name: string, person: string) => Record<string, unknown>;

/** What audit trails are mostly made of, with the keys each operation has. */
const operations: readonly (readonly [operation: string, fields: Fields])[] = [
  [
    'downloadfile',
    (folder, name) => ({
      request: { filepath: `${folder}/${name}`, filename: name },
      notes: `${folder}/${name}`,
      bandwidth: 48211,
    }),
  ],
  [
    'upload',
    (folder, name) => ({
      request: { path: folder, filename: name },
      notes: `${folder}/${name}`,
      bandwidth: '1048576',
    }),
  ],
  [
    'loginguest',
    (_folder, _name, person) => ({
      request: { userid: person, password: 'xxx' },
      notes: `${person} logged in FAIL`,
      resultCode: '0',
    }),
  ],
  [
    'addusertoshare',
    (folder, _name, person) => ({
      request: { userid: person, shareid: '5f1c0a9be4b0' },
      notes: folder,
      metadata: { PII: 'yes' },
    }),
  ],
  ['createfolder', (folder) => ({ request: { path: folder, name: 'new' }, notes: folder })],
  ['deletefile', (folder, name) => ({ request: { path: folder, name }, notes: `${folder}/${name}` })],
];

/**
 * A made-up FileCloud audit record, the same for the same number; no two have the same `recordId`.
 *
 * @param number counts from 0
 */
export function generateRecord(number: number): Record<string, unknown> {
  const pick = <T>(list: readonly T[], step: number): T => list[Math.floor(number / step) % list.length]!;
  const [operation, fields] = pick(operations, 1);
  const person = pick(people, 7);
  return {
    recordId: `de30${number.toString(16).padStart(20, '0')}`,
    hostname: 'cloud.example.com',
    ts: 1772438400 + number,
    who: person,
    userName: person,
    ip: `203.0.113.${number % 250}`,
    userAgent: 'Web browser',
    operation,
    resultCode: 1,
    ...fields(pick(folders, 3), pick(names, 11), pick(people, 5)),
  };
}
