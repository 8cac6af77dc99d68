import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "../../target/simulator-tests",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  // A slow machine is no failure.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: "line",
  use: {
    // Debian's: browsers are not downloaded.
    launchOptions: { executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] },
    viewport: { width: 1440, height: 900 },
  },
});
