//! The contract, on this driver.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tent_blocking::{Client, FileSource};
use tent_flow::policy::Limiters;
use tent_flow::{Flow, Seed, Series, Source};
use tent_testkit::contract::{Driver, Settings};

pub(crate) struct Blocking(Client);

impl Driver for Blocking {
    fn with(settings: &Settings) -> Self {
        let mut builder = Client::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .total_timeout(settings.total_timeout)
            .address_rule(settings.address_rule);
        for pem in &settings.root_certificates {
            builder = builder.root_certificates(pem.as_bytes());
        }
        let builder = match &settings.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder.no_proxy(),
        };
        Self(builder.build().expect("the settings are good"))
    }

    fn run<F: Flow>(&self, flow: F) -> F::Output {
        self.0.run(flow)
    }

    fn items<S: Series>(&self, series: S) -> Vec<Result<S::Item, S::Error>> {
        self.0.items(series).collect()
    }

    fn seed(&self) -> Seed {
        self.0.seed()
    }

    fn limiters(&self) -> Limiters {
        self.0.clone().limiters().clone()
    }

    fn file(&self, path: &Path) -> io::Result<Arc<dyn Source>> {
        Ok(Arc::new(FileSource::open(path)?))
    }
}

tent_testkit::contract!(Blocking);
