// A folder takes the place of another by two renames: who asks meanwhile has the one or the other, but for that instant.
import { rename, rm } from "node:fs/promises";

/** Put *next* in place of *place*, which lies in *aside* until that is done; where it fails, all is as before. */
export async function putInPlace(next, place, aside) {
  await rm(aside, { recursive: true, force: true });
  const was = await rename(place, aside).then(() => true, (error) => {
    if (error.code === "ENOENT") {
      return false;
    }
    throw error;
  });
  try {
    await rename(next, place);
  } catch (error) {
    if (was) {
      await rename(aside, place);
    }
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
