import { type Place, Section } from './configuration.ts';
import { translate } from './environment.ts';
import type { Reading } from './reader.ts';

/**
 * Reads Fluent Bit's classic form as its own parser does (src/config_format/flb_cf_fluentbit.c): sections in square
 * brackets, an indented key and its value parted by a space, `@INCLUDE` and `@SET` in the first column, and whole
 * lines of comment.
 */
export function readClassic(file: string, text: string, reading: Reading): void {
  let section: Section | undefined;
  /** What the first indented line begins with; all others must as well. */
  let indent: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const source = line.replace(/\r$/, '');
    const place = (start: number, length: number): Place => ({
      file,
      line: index + 1,
      column: start + 1,
      length: Math.max(1, length),
      source,
    });
    if (source === '' || source.startsWith('#')) continue;
    if (source.startsWith('@')) {
      readMeta(source, place, reading);
      continue;
    }
    if (source.startsWith('[')) {
      const end = source.indexOf(']');
      if (end < 0) reading.error(place(0, source.length), "a section's name ends with ']'");
      section = new Section(
        source.slice(1, end < 0 ? undefined : end).toLowerCase(),
        place(0, source.length),
      );
      reading.sections.push(section);
      continue;
    }
    const [blank] = /^[ \t]*/.exec(source)!;
    const content = source.slice(blank.length).trimEnd();
    if (content === '' || content.startsWith('#')) continue;
    indent ??= blank;
    if (blank === '' || !blank.startsWith(indent)) {
      const hint = `begin the line with ${indent === '' ? 'spaces' : `the ${indent.length} characters of the others`}`;
      reading.error(place(0, source.length), 'this line is indented otherwise than the keys before it', hint);
      continue;
    }
    // A group in a section, [PROCESSORS] for one: its keys are not the section's.
    if (content.startsWith('[')) {
      section = section && new Section('group', place(blank.length, content.length));
      continue;
    }
    const space = content.indexOf(' ');
    if (space < 0) {
      reading.error(place(blank.length, content.length), 'a key needs a value, parted from it by a space');
      continue;
    }
    if (!section) {
      reading.error(place(blank.length, content.length), 'this key stands in no section');
      continue;
    }
    const value = content.slice(space).trim();
    section.properties.push({
      key: content.slice(0, space).toLowerCase(),
      text: value,
      value: translate(value, reading.own, reading.environment),
      place: place(source.lastIndexOf(value), value.length),
    });
  }
}

function readMeta(source: string, place: (start: number, length: number) => Place, reading: Reading): void {
  const [, include] = /^@INCLUDE +(.*\S)/i.exec(source) ?? [];
  const [, name, value] = /^@SET +([^=\s]+)=(.*)$/i.exec(source) ?? [];
  if (include !== undefined) reading.include(include, place(source.indexOf(include, 9), include.length));
  else if (name !== undefined) reading.own.set(name, value!.trim());
  else reading.error(place(0, source.length), 'what begins with @ is @INCLUDE file or @SET name=value');
}
