/** Imports point one way: index, cli → components → providers → drivers → foundation. */
const layers = ["foundation", "drivers", "providers", "components", "index.ts"];
const upward = layers.slice(0, -1).map((layer, depth) => ({
  name: `${layer}-imports-only-below`,
  severity: "error",
  from: { path: `^${layer}/` },
  to: { path: `^(${[...layers.slice(depth + 1), "cli/"].join("|")})` },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: "program-and-command-know-nothing-of-each-other",
      severity: "error",
      from: { path: "^(index\\.ts|cli/)" },
      to: { path: "^(index\\.ts|cli/)", pathNot: "^cli/" },
    },
    {
      name: "program-without-command",
      severity: "error",
      from: { path: "^index\\.ts" },
      to: { path: "^cli/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "product-knows-no-lab",
      severity: "error",
      from: { path: "^(foundation|drivers|providers|components|index|cli)" },
      to: { path: "^(lab|test|scripts|bench)/" },
    },
    {
      name: "pure-files-do-no-io",
      comment: "plan, render, parse and schema files import no I/O",
      severity: "error",
      from: { path: ["/(plan|parse|schema)[a-z-]*[.]ts$", "/render/"], pathNot: "resource[.]ts$" },
      to: { path: "^(node:)?(fs|child_process|net|http|https|tls|dgram)$|ssh2|undici|execa|@pulumi" },
    },
    {
      name: "program-never-imports-lifecycle",
      severity: "error",
      from: { path: "^(components/|index\\.ts|providers/[^/]+/resource\\.ts)" },
      to: { path: "lifecycle\\.ts$" },
    },
    {
      name: "provider-side-without-pulumi",
      comment: "the provider side loads only Pulumi's gRPC types",
      severity: "error",
      from: {
        path: "^(providers|drivers|foundation)/",
        pathNot: "/resource[.]ts$|^providers/(shell|deep-input|flint-provider)[.]ts$",
      },
      to: { path: "node_modules/@pulumi/pulumi/(?!proto)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
