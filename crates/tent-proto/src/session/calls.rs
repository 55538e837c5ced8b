//! The calls that most programs make.

use crate::call::{
    Api, Call, Count, CountPosts, CreatePost, GetPost, GetProfile, ListGroups, ListPosts,
};
use crate::feed::Feed;
use crate::list::{List, Listing, Place};
use crate::{Exchange, Post, PostId, Session};

impl Session {
    /// Makes any call.
    pub fn call<C: Call>(&self, call: C) -> Exchange<C> {
        Exchange::new(self.clone(), call)
    }

    /// `POST /posts`: publishes a post.
    pub fn create_post(&self, post: &Post) -> Exchange<CreatePost> {
        self.call(CreatePost::new(post))
    }

    /// `GET /posts/:id`: reads a post of the session's entity.
    pub fn get_post(&self, id: impl Into<PostId>) -> Exchange<GetPost> {
        self.call(GetPost::new(id))
    }

    /// `GET /posts`: reads one page of posts.
    pub fn list_posts(&self, list: ListPosts) -> Exchange<ListPosts> {
        self.call(list)
    }

    /// The posts of a list, page after page: what a driver's `items` takes.
    pub fn posts(&self, list: ListPosts) -> Listing<ListPosts> {
        self.list(list)
    }

    /// The items of any list, page after page: what a driver's `items` takes.
    pub fn list<L: List>(&self, list: L) -> Listing<L> {
        Listing::new(self.clone(), list)
    }

    /// The items of a list from a place on, which may have been stored.
    pub fn resume<L: List>(&self, place: Place<L>) -> Listing<L> {
        Listing::at(self.clone(), place)
    }

    /// What is new in a list, as it comes, from now on: what a driver's `items` takes.
    pub fn feed<L: List>(&self, list: L) -> Feed<L> {
        Feed::new(self.clone(), list)
    }

    /// What is new in a list since a place, which may have been stored.
    pub fn feed_from<L: List>(&self, place: Place<L>) -> Feed<L> {
        Feed::at(self.clone(), place)
    }

    /// `HEAD` of any list: how many items it has.
    pub fn total<L: List>(&self, list: L) -> Exchange<Count<L>> {
        self.call(Count::new(list))
    }

    /// `HEAD /posts`: counts the posts of a list.
    pub fn count_posts(&self, list: ListPosts) -> Exchange<CountPosts> {
        self.total(list)
    }

    /// `GET /profile`: reads the profile of the session's entity.
    pub fn get_profile(&self) -> Exchange<GetProfile> {
        self.call(GetProfile)
    }

    /// `GET /groups`: lists groups.
    pub fn list_groups(&self) -> Exchange<ListGroups> {
        self.call(ListGroups::new())
    }

    /// Any call, as it comes.
    pub fn api(&self, call: Api) -> Exchange<Api> {
        self.call(call)
    }
}
