#include <gtest/gtest.h>

#include "worker/agent_fixture_test.h"

// The agent's link, when it is bad.
namespace gantry::worker {
namespace {

TEST(AgentLink, AHelloThatIsNotAnsweredIsSaidAgain) {
    World world;
    world.control.deaf = true;
    world.wire.cut(true);
    world.wire.cut(false);
    world.advance(minutes(1));
    EXPECT_EQ(world.control.hellos, 1);
    world.control.deaf = false;
    world.advance(seconds(30));
    EXPECT_EQ(world.control.hellos, 2);
    world.control.want(a_task('a'));
    world.until_status(a_task('a').id, TaskStatus::RUNNING);
}

TEST(AgentLink, ALinkThatFellSilentIsMadeAnew) {
    World world;
    world.advance(minutes(2));
    EXPECT_EQ(world.control.hellos, 1);
    world.advance(minutes(2));
    EXPECT_EQ(world.control.hellos, 2);
}

}  // namespace
}  // namespace gantry::worker
