/** Network namespaces need root: says so and skips the tests of the file otherwise. */
export function skipUnlessRoot(): void {
  before(function () {
    if (process.getuid?.() === 0) return;
    console.log("    SKIPPED: network namespaces need root");
    this.skip();
  });
}
