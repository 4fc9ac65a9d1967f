export function putInPlace(next: string, place: string, aside: string): Promise<void>;
