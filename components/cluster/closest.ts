/** Number of edits between two words: a character more, less or changed, or two neighbours swapped. */
export function editDistance(one: string, other: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const changed = at(above, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swap = row > 1 && column > 1 && swapped ? at(twoAbove, column - 2) + 1 : Number.POSITIVE_INFINITY;
      line.push(Math.min(changed, swap, at(above, column) + 1, at(line, column - 1) + 1));
    }
    twoAbove = above;
    above = line;
  }
  return at(above, other.length);
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? 0;
}

/** The word that was probably meant, or undefined when none is near. Case, hyphens and underscores do not count. */
export function closest(typed: string, known: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_]/g, "");
  const [best] = known
    .map((word) => ({ word, distance: editDistance(plain(typed), plain(word)) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(Math.max(typed.length, word.length) / 3)))
    .sort((a, b) => a.distance - b.distance);
  return best?.word;
}
