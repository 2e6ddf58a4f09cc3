/** JSON with comments, both kinds, and commas before a closing bracket, as editors know it. @throws SyntaxError */
export function parseJsonc(text: string): unknown {
  const plain = text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    // Blanks in its place, so that the position in a message is right.
    found.startsWith('"') ? found : found.replace(/[^\n]/g, " "),
  );
  return JSON.parse(
    plain.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (found) => (found === "," ? " " : found)),
  );
}
