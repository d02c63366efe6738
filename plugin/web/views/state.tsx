export function StateView() {
  return <h1>State</h1>;
}
