import { describe, expect, it } from "vitest";
import { parseImage } from "../../rules/images/reference.js";
import { chosen, insecureHosts, mirrorsOf } from "./options.js";
import type { Wanted } from "./references.js";

describe("mirrors", () => {
  it("are hosts with a path, however they are written", () => {
    const given = {
      "index.docker.io": "https://mirror.example.com/hub/",
      "ghcr.io": "mirror.example.com:8443",
      "quay.io": "http://localhost:5000",
      "nvcr.io": "http://mirror.lan/nvidia",
    };
    expect([...mirrorsOf(given, ["mirror.lan"])]).toEqual([
      ["docker.io", "mirror.example.com/hub"],
      ["ghcr.io", "mirror.example.com:8443"],
      ["quay.io", "localhost:5000"],
      ["nvcr.io", "mirror.lan/nvidia"],
    ]);
  });

  it.each(["https://me:hunter2@mirror.example.com", "ftp://mirror.example.com", "a b", "mirror.example.com/../x"])(
    "are refused without showing them: %s",
    (address) => {
      expect(() => mirrorsOf({ "docker.io": address }, [])).toThrow(
        "--mirror takes a registry and who is asked instead, without a login: --mirror docker.io=https://mirror.example.com/hub.",
      );
    },
  );

  it("without TLS have to be allowed", () => {
    expect(() => mirrorsOf({ "docker.io": "http://mirror.lan" }, [])).toThrow(
      "--mirror: mirror.lan is without TLS. Use https, or allow it with --insecure-registry mirror.lan.",
    );
  });
});

it("registries without TLS are hosts, not addresses", () => {
  expect(insecureHosts(["registry.lan:5000"])).toEqual(["registry.lan:5000"]);
  expect(() => insecureHosts(["http://registry.lan"])).toThrow("such as registry.lan:5000, without a scheme.");
});

it("names to update are those that mean the same image", () => {
  const wanted = ["nginx", "ghcr.io/acme/app:1"].map(
    (reference): Wanted => ({
      reference,
      target: { kind: "image", image: parseImage(reference)! },
      usedBy: [],
      architectures: new Map(),
    }),
  );
  expect([...chosen(wanted, ["docker.io/library/nginx:latest"])]).toEqual([wanted[0]]);
  expect([...chosen(wanted, ["ghcr.io/acme/app:1"])]).toEqual([wanted[1]]);
  expect([...chosen(wanted, ["*"])]).toEqual(wanted);
  expect([...chosen(wanted, [])]).toEqual([]);
  expect(() => chosen(wanted, ["redis"])).toThrow(
    "--update=redis: nothing here has that name. It names nginx, ghcr.io/acme/app:1.",
  );
});
