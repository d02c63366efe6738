// FileCloud writes constants with their class in mapping files (`SysAlert::SYSALERT_LEVEL_MELTDOWN`); the value
// behind each is not public, so records may hold the class, the constant's name or only its last part.
const constantClass = /^(?:SysAlert|SiemArea)::/;
const constantPrefix = /^SYSALERT_(?:LEVEL|TYPE)_/;

/** `SiemArea::INFECTED_FILE` -> `INFECTED_FILE`: the name that a constant of FileCloud's resolves to. */
export function constantName(text: string): string {
  return text.replace(constantClass, '');
}

/** `SysAlert::SYSALERT_LEVEL_MELTDOWN` -> `MELTDOWN`: what is compared, on both sides. */
export function withoutConstantPrefix(text: string): string {
  // Nearly every text begins otherwise, and this is asked for each record.
  if (text.charCodeAt(0) !== 0x53) return text;
  return constantName(text).replace(constantPrefix, '');
}
