/* SPDX-License-Identifier: MIT */
/* Exceptions: through frames that clean up, rethrown, and between threads. */
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static int alive;

struct counted {
	counted() { alive++; }
	~counted() { alive--; }
	counted(const counted &) = delete;
};

static int
dive(int depth)
{
	counted c;

	if (depth == 0)
		throw std::out_of_range("bottom");
	return dive(depth - 1) + 1;
}

static std::string
twice(int depth)
{
	try {
		try {
			dive(depth);
		} catch (const std::logic_error &e) {
			counted c;
			throw std::runtime_error(std::string(e.what()) + "!");
		}
	} catch (const std::exception &e) {
		return e.what();
	}
	return "nothing thrown";
}

int
main()
{
	std::vector<std::exception_ptr> caught(4);
	std::vector<std::thread> threads;

	std::cout << twice(100) << ' ' << alive << '\n';
	for (auto &p : caught)
		threads.emplace_back([&p] {
			try {
				std::vector<int>().at(1);
			} catch (...) {
				p = std::current_exception();
			}
		});
	for (auto &t : threads)
		t.join();
	for (auto &p : caught) {
		try {
			std::rethrow_exception(p);
		} catch (const std::out_of_range &) {
			std::cout << "out of range\n";
		}
	}
	return 0;
}
