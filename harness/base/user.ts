import { userInfo } from "node:os";

/** Who runs this. A user without an entry among the users, as in some containers, has no name either. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "USER";
  }
}
