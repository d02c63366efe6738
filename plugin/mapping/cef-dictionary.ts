/** What a value of a CEF key is: the types of the extension dictionary. */
export type CefType = 'string' | 'integer' | 'decimal' | 'time' | 'address' | 'port' | 'mac';

export interface CefKey {
  readonly type: CefType;
  /** Most characters of a text; undefined where the dictionary names no limit. */
  readonly maxLength: number | undefined;
  /** Set by the receiver after the event came in: a sender must not use it. */
  readonly consumerOnly: boolean;
}

/** Keys of one kind: a type, a limit (0: none), and their names in one text. */
type Row = readonly [type: CefType, maxLength: number, keys: string];

// ArcSight CEF implementation standard, ch. 2 (document revision 27), and the few keys that Sentinel and ESM add.
const producerRows: readonly Row[] = [
  [
    'address',
    0,
    'c6a1 c6a3 c6a4 destinationTranslatedAddress deviceTranslatedAddress dst dvc sourceTranslatedAddress src c6a2',
  ],
  ['decimal', 0, 'cfp1 cfp2 cfp3 cfp4'],
  [
    'integer',
    0,
    'cn1 cn2 cn3 cnt deviceDirection dpid dvcpid fsize in oldFileSize out spid type agentTranslatedZoneKey agentZoneKey customerKey dTranslatedZoneKey dZoneKey deviceTranslatedZoneKey deviceZoneKey sTranslatedZoneKey sZoneKey reportedDuration flexNumber1 flexNumber2',
  ],
  ['mac', 0, 'dmac smac dvcmac'],
  ['port', 0, 'destinationTranslatedPort dpt sourceTranslatedPort spt'],
  ['string', 31, 'app proto'],
  ['string', 32, 'threatAttackID'],
  ['string', 40, 'externalId threatActor'],
  ['string', 63, 'act outcome'],
  ['string', 64, 'reportedResourceName reportedResourceType'],
  ['string', 100, 'dvchost'],
  [
    'string',
    128,
    'deviceInboundInterface deviceOutboundInterface devicePayloadId flexDate1Label flexString1Label flexString2Label reportedResourceGroupName flexNumber1Label flexNumber2Label',
  ],
  [
    'string',
    255,
    'destinationDnsDomain deviceDnsDomain deviceExternalId deviceNtDomain dntdom dtz fileHash oldFileHash sntdom sourceDnsDomain',
  ],
  ['string', 256, 'reportedResourceID frameworkName'],
  [
    'string',
    1023,
    'c6a1Label c6a3Label c6a4Label cat cfp1Label cfp2Label cfp3Label cfp4Label cn1Label cn2Label cn3Label cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label destinationServiceName deviceCustomDate1Label deviceCustomDate2Label deviceFacility deviceProcessName dhost dpriv dproc duid duser fileId filePath filePermission fileType flexString1 flexString2 fname msg oldFileId oldFileName oldFilePath oldFilePermission oldFileType reason request requestClientApplication requestCookies requestMethod shost sourceServiceName spriv sproc suid suser c6a2Label',
  ],
  ['string', 2048, 'requestContext'],
  ['string', 4000, 'cs1 cs2 cs3 cs4 cs5 cs6'],
  [
    'time',
    0,
    'deviceCustomDate1 deviceCustomDate2 end fileCreateTime fileModificationTime flexDate1 oldFileCreateTime oldFileModificationTime rt start',
  ],
];

const consumerRows: readonly Row[] = [
  ['address', 0, 'agentTranslatedAddress agt'],
  ['decimal', 0, 'dlat dlong slat slong'],
  ['integer', 0, 'eventId'],
  ['mac', 0, 'amac'],
  ['string', 0, 'catdt'],
  ['string', 31, 'av'],
  ['string', 40, 'aid'],
  ['string', 63, 'at'],
  [
    'string',
    200,
    'agentTranslatedZoneExternalID agentZoneExternalID customerExternalID destinationTranslatedZoneExternalID destinationZoneExternalID deviceTranslatedZoneExternalID deviceZoneExternalID sourceTranslatedZoneExternalID sourceZoneExternalID',
  ],
  ['string', 255, 'agentDnsDomain agentNtDomain atz'],
  ['string', 1023, 'ahost'],
  [
    'string',
    2048,
    'agentTranslatedZoneURI agentZoneURI customerURI destinationTranslatedZoneURI destinationZoneURI deviceTranslatedZoneURI deviceZoneURI sourceTranslatedZoneURI sourceZoneURI',
  ],
  ['string', 4000, 'rawEvent'],
  ['time', 0, 'art mrt'],
];

/** The predefined extension keys of CEF by name. */
export const cefDictionary: ReadonlyMap<string, CefKey> = new Map([
  ...expand(producerRows, false),
  ...expand(consumerRows, true),
]);

function expand(rows: readonly Row[], consumerOnly: boolean): [string, CefKey][] {
  return rows.flatMap(([type, maxLength, keys]) =>
    keys
      .split(' ')
      .map((key): [string, CefKey] => [key, { type, maxLength: maxLength || undefined, consumerOnly }]),
  );
}
