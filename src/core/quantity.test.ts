import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  isQuantity,
  multiplyQuantity,
  parseQuantity,
  quantitySchema,
  readQuantity,
} from "./quantity.js";

describe("parseQuantity", () => {
  it.each([
    ["0", 0],
    ["1", 1],
    ["500m", 0.5],
    ["250u", 0.00025],
    ["100n", 1e-7],
    ["1.5", 1.5],
    [".5", 0.5],
    ["5.", 5],
    ["+2", 2],
    ["-2", -2],
    ["16Gi", 17_179_869_184],
    ["1.5Gi", 1_610_612_736],
    ["1Ki", 1024],
    ["2Mi", 2_097_152],
    ["1Ti", 2 ** 40],
    ["1Pi", 2 ** 50],
    ["1k", 1000],
    ["1M", 1e6],
    ["1G", 1e9],
    ["1T", 1e12],
    ["1P", 1e15],
    ["1E", 1e18],
    ["1e3", 1000],
    ["1E3", 1000],
    ["12e-3", 0.012],
    ["1e+2", 100],
  ])("reads %s as %d", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  it.each([
    "",
    ".",
    "m",
    "Ki",
    "1K",
    "1gi",
    "1 Gi",
    "1GiB",
    "1e",
    "e3",
    "1.2.3",
    "--1",
    "0x10",
    "1mm",
    "Infinity",
    "1e1.5",
  ])("refuses %j and names it", (text) => {
    expect(() => parseQuantity(text)).toThrow(
      `${JSON.stringify(text)} is not a Kubernetes quantity such as "500m", "2" or "16Gi"`,
    );
    expect(isQuantity(text)).toBe(false);
  });

  it("rounds what is finer than nano away from zero, as Kubernetes does", () => {
    expect(readQuantity("0.9n").nanos).toBe(1n);
    expect(readQuantity("-0.1n").nanos).toBe(-1n);
    expect(readQuantity("1.0000000001").nanos).toBe(1_000_000_001n);
  });

  it("caps only binary quantities at 2^63-1, as Kubernetes does", () => {
    expect(readQuantity("8Ei").nanos).toBe((2n ** 63n - 1n) * 1_000_000_000n);
    expect(readQuantity("18446744073709551616").nanos).toBe(18_446_744_073_709_551_616n * 1_000_000_000n);
  });
});

describe("formatQuantity", () => {
  it.each([
    ["1.5", "1500m"],
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["1024", "1024"],
    ["1000", "1k"],
    ["1.2345", "1234500u"],
    ["512Ki", "512Ki"],
    ["0.5Ki", "512"],
    ["0.5", "500m"],
    ["1000e3", "1e6"],
    ["1000E", "1e21"],
    ["-1.5", "-1500m"],
    ["0Gi", "0"],
    ["1Gi", "1Gi"],
  ])("writes %s as %s", (text, canonical) => {
    expect(formatQuantity(readQuantity(text))).toBe(canonical);
  });

  it("writes numbers", () => {
    expect(formatQuantity(0.1)).toBe("100m");
    expect(formatQuantity(17_179_869_184, "binarySI")).toBe("16Gi");
    expect(formatQuantity(1e-9)).toBe("1n");
    expect(() => formatQuantity(Number.NaN)).toThrow(RangeError);
  });

  const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "e3", "E-2");
  const quantity = fc
    .tuple(fc.constantFrom("", "-", "+"), fc.nat(999_999), fc.option(fc.nat(999_999), { nil: undefined }), suffix)
    .map(([sign, whole, part, unit]) => `${sign}${whole}${part === undefined ? "" : `.${part}`}${unit}`);

  it("loses nothing and is stable, for any quantity", () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const value = readQuantity(text);
        const written = formatQuantity(value);
        expect(readQuantity(written).nanos).toBe(value.nanos);
        expect(written).not.toContain(".");
        expect(formatQuantity(readQuantity(written))).toBe(written);
      }),
    );
  });

  it("agrees with a reading by plain arithmetic, for any quantity", () => {
    const factors: Record<string, number> = {
      n: 1e-9,
      u: 1e-6,
      m: 1e-3,
      "": 1,
      k: 1e3,
      M: 1e6,
      Ki: 1024,
      Mi: 1024 ** 2,
    };
    fc.assert(
      fc.property(fc.nat(99_999), fc.constantFrom(...Object.keys(factors)), (count, unit) => {
        const exact = count * factors[unit]!;
        expect(parseQuantity(`${count}${unit}`)).toBeCloseTo(exact, 9);
      }),
    );
  });

  it("takes any text without an error other than a RangeError", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+0-9.eEinumkKMGTP]{0,10}$/), (text) => {
        if (isQuantity(text)) expect(typeof parseQuantity(text)).toBe("number");
        else expect(() => readQuantity(text)).toThrow(RangeError);
      }),
    );
  });
});

describe("arithmetic", () => {
  it("adds exactly, in the format of the first", () => {
    expect(addQuantities("0.1", "0.2")).toBe("300m");
    expect(addQuantities("1Gi", "512Mi")).toBe("1536Mi");
    expect(addQuantities("0", "1Gi", "1Gi")).toBe("2Gi");
    expect(addQuantities()).toBe("0");
  });

  it("multiplies", () => {
    expect(multiplyQuantity("16Gi", 3)).toBe("48Gi");
    expect(multiplyQuantity("500m", 3)).toBe("1500m");
    expect(multiplyQuantity("1Gi", 0.5)).toBe("512Mi");
    expect(multiplyQuantity("-1", 0.5)).toBe("-500m");
  });

  it("compares values, not texts", () => {
    expect(compareQuantities("1024Mi", "1Gi")).toBe(0);
    expect(compareQuantities("1G", "1Gi")).toBe(-1);
    expect(compareQuantities("2", "1500m")).toBe(1);
  });
});

describe("quantitySchema", () => {
  it("refuses what is negative or no quantity", () => {
    expect(["16Gi", "0", "-1Gi", "x"].map((text) => quantitySchema.safeParse(text).success)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
