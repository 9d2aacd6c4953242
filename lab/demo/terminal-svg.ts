import { text } from "node:stream/consumers";

// The 16 colours of a terminal with a dark background.
const COLOURS = [
  ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"],
  ["#7f8896", "#ff7b86", "#b5e890", "#ffd58a", "#82c8ff", "#dd9bf0", "#7fd6e0", "#ffffff"],
];
const FOREGROUND = "#d8dee9";
const CELL = { width: 8.4, height: 18 };

interface Style {
  colour: string;
  bold: boolean;
}

/** A picture of a terminal's text with its colours (SGR sequences), for the README. */
export function terminalSvg(screen: string): string {
  const lines = screen.replace(/\s+$/, "").split("\n");
  const plain = lines.map((line) => line.replace(/\u001b\[[0-9;]*m/g, ""));
  const width = Math.ceil(Math.max(...plain.map((line) => [...line].length)) * CELL.width + 40);
  const height = lines.length * CELL.height + 40;
  let style: Style = { colour: FOREGROUND, bold: false };
  const rows = lines.map((line, row) => {
    let column = 0;
    let out = "";
    for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
      if (part.startsWith("\u001b[")) {
        style = styled(style, part.slice(2, -1));
        continue;
      }
      if (part.trim() !== "") {
        const x = 20 + column * CELL.width;
        const bold = style.bold ? ' font-weight="bold"' : "";
        out += `<text x="${x.toFixed(1)}" y="${34 + row * CELL.height}" fill="${style.colour}"${bold} xml:space="preserve">${escaped(part)}</text>`;
      }
      column += [...part].length;
    }
    return out;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    "<title>Terminal</title>",
    `<rect width="100%" height="100%" rx="8" fill="#20242c"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    ...rows.filter((row) => row !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function styled(style: Style, codes: string): Style {
  const next = { ...style };
  const indexed = /^38;5;(\d+)$/.exec(codes); // the first 16 of 256 are the same colours
  const plain = indexed ? String(Number(indexed[1]) + (Number(indexed[1]) < 8 ? 30 : 82)) : codes;
  for (const code of (plain === "" ? "0" : plain).split(";").map(Number)) {
    if (code === 0) Object.assign(next, { colour: FOREGROUND, bold: false });
    else if (code === 1) next.bold = true;
    else if (code === 22) next.bold = false;
    else if (code === 39) next.colour = FOREGROUND;
    else if (code >= 30 && code <= 37) next.colour = COLOURS[0]?.[code - 30] ?? FOREGROUND;
    else if (code >= 90 && code <= 97) next.colour = COLOURS[1]?.[code - 90] ?? FOREGROUND;
  }
  return next;
}

function escaped(part: string): string {
  return part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (require.main === module) {
  void text(process.stdin).then((screen) => process.stdout.write(terminalSvg(screen)));
}
