export const names = ["a", "b", "c", "d"];
