/**
 * What was made of texts that come again and again, such as keys and names: the text is looked up instead. Beyond so
 * many everything is forgotten, for a sender may make texts up.
 *
 * @param make must give the same for the same text
 */
export function remembered<Made>(make: (text: string) => Made, most = 2000): (text: string) => Made {
  const known = new Map<string, Made>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
