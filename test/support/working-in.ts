/** Works in another folder, and in the one before again at the end of the block. */
export function workingIn(folder: string): Disposable {
  const home = process.cwd();
  process.chdir(folder);
  return { [Symbol.dispose]: () => process.chdir(home) };
}
