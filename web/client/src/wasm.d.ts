declare module "*.wasm" {
  const url: string;
  export default url;
}
declare const REPOSITORY: string;
