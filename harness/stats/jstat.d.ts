/** What is used of it: it has no types of its own. */
declare module "jstat" {
  interface JStat {
    readonly beta: { readonly inv: (p: number, alpha: number, beta: number) => number };
    readonly normal: { readonly inv: (p: number, mean: number, deviation: number) => number };
  }
  const jStat: JStat;
  export default jStat;
}
