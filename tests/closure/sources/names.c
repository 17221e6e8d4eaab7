/* Looks up a host and a user by name; old C libraries load a module for each. */
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int count, char **words) {
  struct addrinfo wanted = {0}, *found;
  char address[64];
  struct passwd *user;
  if (count < 3) return 2;
  wanted.ai_family = AF_INET;
  int status = getaddrinfo(words[1], NULL, &wanted, &found);
  if (status != 0) return printf("%s: %s\n", words[1], gai_strerror(status)), 1;
  getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST);
  user = getpwnam(words[2]);
  if (user == NULL) return printf("no user %s\n", words[2]), 1;
  printf("%s %d %s\n", address, (int)user->pw_uid, user->pw_dir);
  return 0;
}
