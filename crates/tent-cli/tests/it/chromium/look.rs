//! A look at a page, in each of the ways in which people see it.

use std::{env, fs, path::Path};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Chromium, text};

const WIDTHS: [u32; 2] = [375, 1200];
const SCHEMES: [&str; 2] = ["light", "dark"];

impl Chromium {
    /// Looks at the page narrow and wide, light and dark, and fails if anything is wrong with it. With
    /// `TENT_SCREENSHOTS` pictures of what was seen go to that folder, by this name.
    #[track_caller]
    pub(crate) fn look(&self, name: &str) {
        for scheme in SCHEMES {
            let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
            self.emulate("setEmulatedMedia", &json!({ "features": features }));
            for width in WIDTHS {
                self.resize(width, 800);
                let faults = self.run(include_str!("faults.js"));
                assert_eq!(faults, json!([]), "{name}, {scheme}, {width} wide");
                self.keep_picture(&format!("{name}-{scheme}-{width}.png"), width);
            }
        }
        assert_eq!(self.complaints(), [""; 0], "{name}");
    }

    fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.emulate("setDeviceMetricsOverride", &size);
    }

    fn keep_picture(&self, file: &str, width: u32) {
        let Some(folder) = env::var_os("TENT_SCREENSHOTS") else {
            return;
        };
        let height = self
            .run("return document.documentElement.scrollHeight")
            .as_u64();
        let height = height.and_then(|height| u32::try_from(height).ok());
        self.resize(width, height.unwrap_or(800).max(800));
        let picture = text(&self.ask("GET", "/screenshot", None));
        let file = Path::new(&folder).join(file);
        fs::write(file, STANDARD.decode(picture).unwrap()).unwrap();
    }
}
