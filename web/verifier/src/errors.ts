/** The errors of the verifier; each may carry the code of the finding that the fault amounts to. */

export class CustodyError extends Error {
  constructor(message: string, readonly finding = "") {
    super(message);
  }
}

/** Not an item number, or its check digit is wrong. */
export class NumberError extends CustodyError {}

/** Bytes or digits that do not have the required form. */
export class FormatError extends CustodyError {}

/** A signature does not cover the bytes it stands under, or its key may not sign them. */
export class SignatureError extends CustodyError {}

/** A Merkle proof, checkpoint, receipt or dossier does not hold. */
export class ProofError extends CustodyError {}
