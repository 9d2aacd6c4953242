import assert from "node:assert/strict";
import { terminalSvg } from "../../../lab/demo/terminal-svg.js";

describe("a picture of a terminal", () => {
  it("keeps text, colour and place", () => {
    const svg = terminalSvg("plain\n\u001b[1;32m + \u001b[0mnode01 <up> & running\n");
    assert.match(svg, /<text x="20\.0" y="34" fill="#d8dee9" xml:space="preserve">plain<\/text>/);
    assert.match(svg, /<text x="20\.0" y="52" fill="#98c379" font-weight="bold" xml:space="preserve"> \+ <\/text>/);
    assert.match(
      svg,
      /<text x="45\.2" y="52" fill="#d8dee9" xml:space="preserve">node01 &lt;up&gt; &amp; running<\/text>/,
    );
  });
});
